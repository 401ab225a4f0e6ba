import type { Example } from './openapi-papers.ts';

/** How the operations of emergency access are driven. */
export const emergencyExamples = ({
  person,
  token,
  doctor,
}: {
  readonly person: string;
  /** Of a card. */
  readonly token: string;
  readonly doctor: { readonly password: string };
}): Record<string, Example> => {
  const emergency = { reason: 'life-threatening', text: '抢救中，来不及征得同意' };
  const card = { as: 'nobody', address: `/card/${token}/emergency-access` } as const;
  return {
    readEmergencyAccess: { as: 'doctor', id: person, status: 200 },
    openEmergencyAccess: {
      as: 'doctor',
      id: person,
      json: { ...emergency, confirmation: doctor.password },
      status: 200,
    },
    emergencyAccessPage: { as: 'doctor', id: person, status: 200 },
    openEmergencyAccessPage: {
      as: 'doctor',
      id: person,
      body: { ...emergency, confirmation: doctor.password },
      status: 303,
    },
    endEmergencyAccess: { as: 'doctor', id: person, json: {}, status: 200 },
    endEmergencyAccessPage: { as: 'doctor', id: person, body: {}, status: 303 },
    endCardEmergencyAccess: { ...card, address: `${card.address}/ending`, body: {}, status: 303 },
    cardEmergencyAccess: { ...card, status: 200 },
    openCardEmergencyAccess: { ...card, body: { ...emergency, confirmation: '0' }, status: 400 },
  };
};
