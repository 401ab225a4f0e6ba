import type pg from 'pg';
import type { SchemaCatalogue } from './citus-lint.ts';

const rows = async <Row>(client: pg.ClientBase, text: string): Promise<Row[]> =>
  (await client.query(text)).rows as Row[];

/** Reads from the catalogue of a plain PostgreSQL what the Citus lint judges. */
export const readCatalogue = async (client: pg.ClientBase): Promise<SchemaCatalogue> => ({
  columns: await rows(
    client,
    `select c.relname as table, a.attname as name, format_type(a.atttypid, a.atttypmod) as type,
       a.attnotnull as "notNull", a.attgenerated <> '' as generated,
       a.attidentity <> '' or coalesce(pg_get_expr(d.adbin, d.adrelid) like 'nextval(%', false) as "fromSequence"
     from pg_attribute a
     join pg_class c on c.oid = a.attrelid and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
     left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attnum > 0 and not a.attisdropped
     order by c.relname, a.attnum`,
  ),
  keys: await rows(
    client,
    `select c.relname as table, i.relname as name,
       array(select (select a.attname::text from pg_attribute a where a.attrelid = x.indrelid and a.attnum = k.attnum and k.attnum > 0)
             from unnest(x.indkey::int[]) with ordinality as k(attnum, position)
             where k.position <= x.indnkeyatts order by k.position) as columns
     from pg_index x
     join pg_class i on i.oid = x.indexrelid
     join pg_class c on c.oid = x.indrelid and c.relnamespace = 'public'::regnamespace
     where x.indisunique or x.indisexclusion
     order by 1, 2`,
  ),
  foreignKeys: await rows(
    client,
    `select k.conrelid::regclass::text as table, k.conname as name, k.confrelid::regclass::text as target,
       k.confdeltype as "onDelete", k.confupdtype as "onUpdate",
       array(select a.attname::text from unnest(k.conkey) with ordinality as u(n, position)
             join pg_attribute a on a.attrelid = k.conrelid and a.attnum = u.n order by u.position) as columns,
       array(select a.attname::text from unnest(k.confkey) with ordinality as u(n, position)
             join pg_attribute a on a.attrelid = k.confrelid and a.attnum = u.n order by u.position) as "targetColumns"
     from pg_constraint k where k.contype = 'f' and k.connamespace = 'public'::regnamespace
     order by 1, 2`,
  ),
  burdens: await rows(
    client,
    `select tgrelid::regclass::text as table, 'trigger' as what
     from pg_trigger t join pg_class c on c.oid = t.tgrelid and c.relnamespace = 'public'::regnamespace where not tgisinternal
     union all
     select c.relname, 'rule' from pg_rewrite r
     join pg_class c on c.oid = r.ev_class and c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
     union all
     select h.inhparent::regclass::text, 'inheritance'
     from pg_inherits h join pg_class c on c.oid = h.inhrelid
     where not c.relispartition and c.relnamespace = 'public'::regnamespace and c.relkind = 'r'
     union all
     select h.inhparent::regclass::text, 'partitions of partitions'
     from pg_inherits h join pg_class c on c.oid = h.inhrelid
     where c.relispartition and c.relkind = 'p' and c.relnamespace = 'public'::regnamespace
     order by 1, 2`,
  ),
});
