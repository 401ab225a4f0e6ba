import { CIPHER_NAMES, type CipherName } from '../../adapters/keys/ciphers.ts';
import { loadKeyFile, rotateKeyFile } from '../../adapters/keys/key-file.ts';
import { rotateIssuerKeys } from '../../adapters/issuer/issuer-keys.ts';
import { countSealedBy } from '../../adapters/postgres/sealed-counts.ts';
import { recordSystemAct } from '../../adapters/postgres/accounts.ts';
import { raiser } from '../../kernel/fault.ts';
import { consoleAct } from './console-act.ts';
import { type Command, EXIT, parseArguments, withInstallation } from './command.ts';
import { CLI_FAULTS } from './faults.ts';

const USAGE = `keys list | rotate [--cipher ${CIPHER_NAMES.join('|')}] | rotate --issuer [--json]`;

/** `huren keys`: the keys of identifiers and messages at rest. */
export const keysCommand: Command = {
  usage: USAGE,
  summaryZh: '查看或轮换静态数据的密钥，或签发令牌的密钥（--issuer）；运行中的程序会自动换用新密钥',
  summaryEn:
    'lists or rotates the keys of data at rest, or those that sign tokens (--issuer); running programs take the new one up by themselves',
  async run(args, context) {
    const { values, positionals } = parseArguments(
      args,
      { cipher: { type: 'string' }, issuer: { type: 'boolean' }, json: { type: 'boolean' } },
      USAGE,
      { min: 1, max: 1 },
    );
    const wrong = () => raiser(CLI_FAULTS)('USAGE', { detail: `huren ${USAGE}` });
    const cipher = (values.cipher ?? 'aes-256-gcm') as CipherName;
    if (!CIPHER_NAMES.includes(cipher)) throw wrong();
    return withInstallation(context, async (installation) => {
      const { configuration, database } = installation;
      if (positionals[0] === 'rotate' && values.issuer) {
        const id = rotateIssuerKeys(configuration.issuerKeyFile);
        await recordSystemAct(database, consoleAct(installation), 'keys.rotate', `issuer-key/${id}`, 'done');
        context.out(values.json ? JSON.stringify({ id }) : `签发令牌的新密钥 ${id} 已启用。`);
        return EXIT.done;
      }
      if (positionals[0] === 'rotate') {
        const id = rotateKeyFile(configuration.keyFile, cipher);
        await recordSystemAct(database, consoleAct(installation), 'keys.rotate', `key/${id}`, 'done');
        context.out(
          values.json
            ? JSON.stringify({ id, cipher })
            : `新密钥 ${id}（${cipher}）已启用；旧密钥须继续保留。`,
        );
        return EXIT.done;
      }
      if (positionals[0] !== 'list') throw wrong();
      const counts = await countSealedBy(database);
      const keys = loadKeyFile(configuration.keyFile).sealingKeys.map((key) => ({
        id: key.id,
        cipher: key.cipher ?? 'aes-256-gcm',
        identifiers: counts.get(key.id)?.identifiers ?? 0,
        messages: counts.get(key.id)?.messages ?? 0,
        secrets: counts.get(key.id)?.secrets ?? 0,
      }));
      if (values.json) context.out(JSON.stringify(keys));
      else
        for (const { id, cipher: name, identifiers, messages, secrets } of keys)
          context.out(`${id}  ${name}  证件与电话 ${identifiers}　消息 ${messages}　客户端密钥 ${secrets}`);
      return EXIT.done;
    });
  },
};
