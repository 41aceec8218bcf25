-- The statements that Orleans' AdoNet providers issue. They look a statement up by its key, bind parameters by name and read
-- columns by name: keys, parameter names and column names are a contract, what stands in between is ours.
-- Every script here may be applied again at any time: it creates what is missing and refreshes the statements.
-- Order: orleans-main.sql first, the others as needed. Needs PostgreSQL 9.5 or newer.

CREATE TABLE IF NOT EXISTS OrleansQuery
(
    QueryKey varchar(64) NOT NULL,
    QueryText varchar(8000) NOT NULL,
    CONSTRAINT OrleansQuery_Key PRIMARY KEY (QueryKey)
);
