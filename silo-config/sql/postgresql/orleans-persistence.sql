-- Grain states. A row is found by the hashes of its key and told apart from others with the same hashes by the key itself:
-- number keys fill GrainIdN1, GUID keys GrainIdN0 and GrainIdN1, string keys GrainIdExtensionString.
-- Version is the ETag. A cleared state keeps its row and counts on.

CREATE TABLE IF NOT EXISTS OrleansStorage
(
    GrainIdHash integer NOT NULL,
    GrainIdN0 bigint NOT NULL,
    GrainIdN1 bigint NOT NULL,
    GrainTypeHash integer NOT NULL,
    GrainTypeString varchar(512) NOT NULL,
    GrainIdExtensionString varchar(512) NULL,
    ServiceId varchar(150) NOT NULL,
    PayloadBinary bytea NULL,
    ModifiedOn timestamp without time zone NOT NULL,
    Version integer NULL
);

-- The uniqueness is what lets one statement insert safely while another activation tries the same.
CREATE UNIQUE INDEX IF NOT EXISTS UX_OrleansStorage
    ON OrleansStorage (GrainIdHash, GrainTypeHash, GrainIdN0, GrainIdN1, ServiceId, GrainTypeString, COALESCE(GrainIdExtensionString, ''));

INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
-- Answers the new version, or the version that was given when the row has another one (or exists already): then the caller
-- knows that its state is out of date.
('WriteToStorageKey', $query$
WITH updated AS
(
    UPDATE OrleansStorage
    SET PayloadBinary = @PayloadBinary, ModifiedOn = (now() AT TIME ZONE 'utc'), Version = Version + 1
    WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
        AND ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
        AND COALESCE(GrainIdExtensionString, '') = COALESCE(@GrainIdExtensionString, '')
        AND Version = @GrainStateVersion
    RETURNING Version
),
inserted AS
(
    INSERT INTO OrleansStorage
        (GrainIdHash, GrainIdN0, GrainIdN1, GrainTypeHash, GrainTypeString, GrainIdExtensionString, ServiceId, PayloadBinary, ModifiedOn, Version)
    SELECT @GrainIdHash, @GrainIdN0, @GrainIdN1, @GrainTypeHash, @GrainTypeString, @GrainIdExtensionString, @ServiceId, @PayloadBinary, (now() AT TIME ZONE 'utc'), 1
    WHERE @GrainStateVersion IS NULL
    ON CONFLICT DO NOTHING
    RETURNING Version
),
written AS
(
    SELECT Version FROM updated UNION ALL SELECT Version FROM inserted
)
SELECT Version AS NewGrainStateVersion FROM written
UNION ALL
SELECT @GrainStateVersion WHERE NOT EXISTS (SELECT 1 FROM written)
$query$),
('ReadFromStorageKey', $query$
SELECT PayloadBinary, ModifiedOn, Version
FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
    AND ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
    AND COALESCE(GrainIdExtensionString, '') = COALESCE(@GrainIdExtensionString, '')
$query$),
('ClearStorageKey', $query$
UPDATE OrleansStorage
SET PayloadBinary = NULL, ModifiedOn = (now() AT TIME ZONE 'utc'), Version = Version + 1
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
    AND ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
    AND COALESCE(GrainIdExtensionString, '') = COALESCE(@GrainIdExtensionString, '')
    AND Version = @GrainStateVersion
RETURNING Version AS NewGrainStateVersion
$query$),
('DeleteStorageKey', $query$
DELETE FROM OrleansStorage
WHERE GrainIdHash = @GrainIdHash AND GrainTypeHash = @GrainTypeHash AND GrainIdN0 = @GrainIdN0 AND GrainIdN1 = @GrainIdN1
    AND ServiceId = @ServiceId AND GrainTypeString = @GrainTypeString
    AND COALESCE(GrainIdExtensionString, '') = COALESCE(@GrainIdExtensionString, '')
    AND Version = @GrainStateVersion
RETURNING Version + 1 AS NewGrainStateVersion
$query$)
ON CONFLICT (QueryKey) DO UPDATE SET QueryText = excluded.QueryText;
