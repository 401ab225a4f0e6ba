import {
  actionOf,
  answerElement,
  type Operation,
  OPERATIONS,
  REFUSAL,
  SERVICE_NAMESPACE,
  STRING_OPERATION,
} from './contract.ts';
import type { Field, RecordShape, ScalarShape, Shape } from './shape.ts';
import { xmlText } from './xml-element.ts';

const ALL_OPERATIONS: readonly Operation[] = [...Object.values(OPERATIONS), STRING_OPERATION];

const documented = (note: string | undefined): string =>
  note === undefined
    ? ''
    : `<xs:annotation><xs:documentation>${xmlText(note)}</xs:documentation></xs:annotation>`;

const wordsType = ({ words = [] }: ScalarShape): string =>
  `<xs:simpleType><xs:restriction base="xs:string">${words
    .map((word) => `<xs:enumeration value="${xmlText(word)}"/>`)
    .join('')}</xs:restriction></xs:simpleType>`;

const element = (name: string, shape: Shape, occurrence: string, note?: string): string => {
  const head = `<xs:element name="${name}"${occurrence}`;
  const body = documented(note);
  if (shape.kind === 'record') return `${head} type="tns:${shape.type}">${body}</xs:element>`;
  if (shape.kind === 'list')
    return `${head}>${body}<xs:complexType><xs:sequence>${element(
      shape.item,
      shape.of,
      ' minOccurs="0" maxOccurs="unbounded"',
    )}</xs:sequence></xs:complexType></xs:element>`;
  return shape.words
    ? `${head}>${body}${wordsType(shape)}</xs:element>`
    : `${head} type="xs:${shape.kind}">${body}</xs:element>`;
};

const sequence = (fields: readonly Field[]): string =>
  `<xs:sequence>${fields
    .map(({ name, shape, required, note }) => element(name, shape, required ? '' : ' minOccurs="0"', note))
    .join('')}</xs:sequence>`;

/** Every named type that a shape uses, itself last. */
const typesIn = (shape: Shape): readonly RecordShape[] => {
  if (shape.kind === 'list') return typesIn(shape.of);
  if (shape.kind !== 'record') return [];
  return [...shape.fields.flatMap((field) => typesIn(field.shape)), shape];
};

const wrapper = (name: string, { fields }: RecordShape): string =>
  `<xs:element name="${name}"><xs:complexType>${sequence(fields)}</xs:complexType></xs:element>`;

const schema = (): string => {
  const inner = ALL_OPERATIONS.flatMap(({ request, answer }) =>
    [...request.fields, ...answer.fields].flatMap((field) => typesIn(field.shape)),
  );
  const types = new Map(inner.map((type) => [type.type, type]));
  const named = [...types.values()].map(
    ({ type, fields }) => `<xs:complexType name="${type}">${sequence(fields)}</xs:complexType>`,
  );
  const elements = ALL_OPERATIONS.flatMap(({ name, request, answer }) => [
    wrapper(name, request),
    wrapper(answerElement(name), answer),
  ]);
  return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="${SERVICE_NAMESPACE}" elementFormDefault="qualified">${[
    ...named,
    ...elements,
    wrapper(REFUSAL.name, REFUSAL.shape),
  ].join('\n')}</xs:schema>`;
};

const message = (name: string, part: string, elementName: string): string =>
  `<wsdl:message name="${name}"><wsdl:part name="${part}" element="tns:${elementName}"/></wsdl:message>`;

/**
 * The WSDL 1.1 description of the service: document/literal, wrapped, its schema inline.
 *
 * @param address where the service is called, as its caller reaches it
 */
export const writeWsdl = (address: string): string => {
  const messages = ALL_OPERATIONS.flatMap(({ name }) => [
    message(`${name}Input`, 'parameters', name),
    message(`${name}Output`, 'parameters', answerElement(name)),
  ]);
  const abstract = ALL_OPERATIONS.map(
    ({ name, note }) =>
      `<wsdl:operation name="${name}"><wsdl:documentation>${xmlText(note)}</wsdl:documentation><wsdl:input message="tns:${name}Input"/><wsdl:output message="tns:${name}Output"/><wsdl:fault name="Refusal" message="tns:Refused"/></wsdl:operation>`,
  );
  const bound = ALL_OPERATIONS.map(
    ({ name }) =>
      `<wsdl:operation name="${name}"><soap:operation soapAction="${actionOf(name)}"/><wsdl:input><soap:body use="literal"/></wsdl:input><wsdl:output><soap:body use="literal"/></wsdl:output><wsdl:fault name="Refusal"><soap:fault name="Refusal" use="literal"/></wsdl:fault></wsdl:operation>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<wsdl:definitions name="OrderCheck" targetNamespace="${SERVICE_NAMESPACE}" xmlns:tns="${SERVICE_NAMESPACE}" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/">
<wsdl:types>${schema()}</wsdl:types>
${[...messages, message('Refused', 'refusal', REFUSAL.name)].join('\n')}
<wsdl:portType name="OrderCheck">${abstract.join('\n')}</wsdl:portType>
<wsdl:binding name="OrderCheckSoap" type="tns:OrderCheck"><soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/>
${bound.join('\n')}
</wsdl:binding>
<wsdl:service name="OrderCheckService"><wsdl:port name="OrderCheckPort" binding="tns:OrderCheckSoap"><soap:address location="${xmlText(address)}"/></wsdl:port></wsdl:service>
</wsdl:definitions>
`;
};
