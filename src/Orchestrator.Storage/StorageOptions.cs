using System.ComponentModel.DataAnnotations;

namespace Orchestrator.Storage;

/// <summary>Where and how durably state is kept.</summary>
public sealed class StorageOptions : IValidatableObject
{
    /// <summary>The configuration section: <c>Orchestrator:Storage</c>.</summary>
    public const string Section = "Orchestrator:Storage";

    /// <summary>The database. Default <see cref="StorageProvider.Sqlite"/>: one file in <see cref="DataDirectory"/>, one silo.</summary>
    public StorageProvider Provider { get; set; } = StorageProvider.Sqlite;

    /// <summary>The folder of the SQLite file; it is created with mode 0700 where it is missing. Default <c>.orchestrator</c>. Not used with PostgreSQL.</summary>
    public string DataDirectory { get; set; } = ".orchestrator";

    /// <summary>The connection string of PostgreSQL; required there. Not used with SQLite.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>
    /// What a reply is worth. Default <see cref="StorageDurability.Full"/>: what was acknowledged survives the loss of power.
    /// <see cref="StorageDurability.Normal"/> survives a crash of the process only, and is some two times faster.
    /// </summary>
    public StorageDurability Durability { get; set; } = StorageDurability.Full;

    /// <summary>How long events are kept at least; older ones go once every registered cursor has passed them. Default 30 days.</summary>
    public TimeSpan EventRetention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long the reply to an idempotency key is remembered. Default 1 day; a repeat after that is a new request.</summary>
    public TimeSpan IdempotencyRetention { get; set; } = TimeSpan.FromDays(1);

    /// <summary>How long rows of the audit are kept. Default 400 days.</summary>
    public TimeSpan AuditRetention { get; set; } = TimeSpan.FromDays(400);

    /// <summary>
    /// How often a waiting reader of events looks for those that another silo wrote. Default 1 s. Events of the same process wake it at once.
    /// </summary>
    public TimeSpan EventPollInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>The size of an unacknowledged batch of writes at which further ones wait for the next batch. Default 512 writes, at least 1.</summary>
    public int WriteBatchMax { get; set; } = 512;

    /// <inheritdoc/>
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (Provider is not (StorageProvider.Sqlite or StorageProvider.PostgreSql))
        {
            yield return new($"{Section}:Provider is {Provider}; it must be Sqlite or PostgreSql.", [nameof(Provider)]);
        }

        if (Provider == StorageProvider.Sqlite && string.IsNullOrWhiteSpace(DataDirectory))
        {
            yield return new($"{Section}:DataDirectory is empty; SQLite needs the folder of its file.", [nameof(DataDirectory)]);
        }

        if (Provider == StorageProvider.PostgreSql && string.IsNullOrWhiteSpace(ConnectionString))
        {
            yield return new($"{Section}:ConnectionString is empty; PostgreSQL needs one.", [nameof(ConnectionString)]);
        }

        if (Durability is not (StorageDurability.Full or StorageDurability.Normal))
        {
            yield return new($"{Section}:Durability is {Durability}; it must be Full or Normal.", [nameof(Durability)]);
        }

        if (WriteBatchMax < 1)
        {
            yield return new($"{Section}:WriteBatchMax is {WriteBatchMax}; it must be at least 1.", [nameof(WriteBatchMax)]);
        }

        foreach (var (name, value) in new[]
        {
            (nameof(EventRetention), EventRetention), (nameof(IdempotencyRetention), IdempotencyRetention), (nameof(AuditRetention), AuditRetention), (nameof(EventPollInterval), EventPollInterval),
        })
        {
            if (value <= TimeSpan.Zero)
            {
                yield return new($"{Section}:{name} is {value}; it must be longer than zero.", [name]);
            }
        }
    }
}
