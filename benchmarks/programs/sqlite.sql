-- An in-memory database: inserts, an index, updates, joins and deletes.
CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT, city TEXT);
CREATE TABLE sale (id INTEGER PRIMARY KEY, customer INTEGER, amount REAL, note TEXT);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 40000)
INSERT INTO customer SELECT i, 'customer number ' || (i * 7919 % 40009), 'city ' || (i * 31 % 997) FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 400000)
INSERT INTO sale SELECT i, i * 7727 % 40000 + 1, i * 37 % 1000 / 10.0, 'note ' || substr('some more text that varies in length', 1, i % 36) FROM n;
CREATE INDEX sale_customer ON sale (customer);
CREATE INDEX customer_name ON customer (name);
UPDATE sale SET amount = amount * 1.1, note = note || ' (changed)' WHERE id % 3 = 0;
SELECT city, count(*), round(sum(amount), 2) AS total, group_concat(DISTINCT name) FROM customer JOIN sale ON sale.customer = customer.id GROUP BY city ORDER BY total DESC LIMIT 20;
DELETE FROM sale WHERE id % 2 = 0;
SELECT count(*), max(length(note)) FROM (SELECT note, amount FROM sale ORDER BY note, amount DESC);
