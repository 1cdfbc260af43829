-- A database of its own making: bulk insert, indexes, joins, window functions, full text, JSON, deletes and a vacuum.
PRAGMA journal_mode = WAL;
PRAGMA cache_size = -4000;
CREATE TABLE orders (id INTEGER PRIMARY KEY, client INTEGER, amount INTEGER, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 150000)
INSERT INTO orders SELECT i, i * 7919 % 5000, i * 104729 % 9973, printf('note %d %.*c', i * 31 % 1000, i % 60, 'x') FROM n;
CREATE INDEX by_client ON orders (client, amount);
CREATE TABLE clients AS SELECT client AS id, 'client ' || client AS name, count(*) AS orders FROM orders GROUP BY client;
SELECT c.name, sum(o.amount), max(o.note) FROM orders o JOIN clients c ON c.id = o.client GROUP BY c.id ORDER BY 2 DESC, 1 LIMIT 20;
SELECT client, amount, rank() OVER (PARTITION BY client ORDER BY amount DESC, id) AS place FROM orders WHERE client < 20 ORDER BY client, place LIMIT 100;
CREATE VIRTUAL TABLE words USING fts5 (body);
INSERT INTO words SELECT note || ' order ' || id FROM orders WHERE id <= 30000;
SELECT count(*), sum(rowid) FROM words WHERE words MATCH 'note AND 31*';
SELECT json_group_array(json_object('id', id, 'amount', amount)) FROM (SELECT * FROM orders WHERE client = 42 ORDER BY id);
BEGIN;
DELETE FROM orders WHERE id % 3 = 0;
UPDATE orders SET note = upper(note) || client WHERE id % 5 = 0;
ROLLBACK;
DELETE FROM orders WHERE id % 4 = 0;
VACUUM;
PRAGMA integrity_check;
SELECT count(*), sum(amount), sum(length(note)) FROM orders;
