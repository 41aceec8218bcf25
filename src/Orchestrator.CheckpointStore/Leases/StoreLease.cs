using System.Globalization;
using System.Text.Json;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Leases;

/// <summary>
/// Says that this process uses the store, as a file that lives as long as the use: collection leaves alone what the holder may need. On the same machine the process itself
/// is looked at; elsewhere the lease counts as dead when its file was not renewed for <see cref="StoreOptions.LeaseTimeout"/>, by the clock of the file system.
/// </summary>
internal sealed class StoreLease : IDisposable
{
    private const int AlreadyExists = 17;

    private readonly IStoreFiles files;
    private readonly string name;
    private readonly ITimer? renewal;

    private StoreLease(IStoreFiles files, string name, string id, ITimer? renewal) => (this.files, this.name, Id, this.renewal) = (files, name, id, renewal);

    /// <summary>Unique in the store; begins the names of everything that the holder writes.</summary>
    public string Id { get; }

    /// <summary>Somebody took this process for dead, so what it wrote may be gone.</summary>
    public bool IsLost => !files.Exists(name);

    public static StoreLease Take(IStoreFiles files, StoreOptions options, LeaseKind kind, string? checkpoint = null)
    {
        var id = $"{LowerName(kind)}-{options.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture)}{options.NewSuffix()}";
        return TryTake(files, options, kind, id, id, checkpoint) ?? throw new StoreException($"The lease {id} exists already in {files.Description}.");
    }

    /// <summary>Takes a lease under a name that only one can have; null when somebody alive has it.</summary>
    public static StoreLease? TryTakeOnly(IStoreFiles files, StoreOptions options, LeaseKind kind, string only)
    {
        var id = $"{only}-{options.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture)}{options.NewSuffix()}";
        for (var attempt = 0; attempt < 3; attempt++)
        {
            if (TryTake(files, options, kind, id, only, null) is { } taken)
            {
                return taken;
            }

            // Removing a dead one is part of looking at all.
            if (Living(files, options).Any(lease => lease.FileName == only + StoreNames.LeaseSuffix))
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>The leases whose holders live, as far as can be known. Those of dead ones are removed.</summary>
    public static IReadOnlyList<(LeaseRecord Record, string FileName)> Living(IStoreFiles files, StoreOptions options)
    {
        var listed = files.List(StoreNames.Leases).Where(file => file.Name.EndsWith(StoreNames.LeaseSuffix, StringComparison.Ordinal)).ToList();
        var living = new List<(LeaseRecord, string)>();
        DateTimeOffset? now = null;
        foreach (var file in listed)
        {
            var path = $"{StoreNames.Leases}/{file.Name}";
            LeaseRecord? record = null;
            try
            {
                record = JsonSerializer.Deserialize(files.ReadWhole(path), StoreJson.Default.LeaseRecord);
            }
            catch (FileNotFoundException)
            {
                continue;
            }
            catch (JsonException)
            {
                // Just being written, or left half written by a crash: only its age tells.
            }

            var alive = record is null ? null : options.Identity.IsAlive(record);
            alive ??= (now ??= Now(files, options)) - file.Changed < options.LeaseTimeout;
            if (alive.Value)
            {
                living.Add((record ?? new() { Id = file.Name[..^StoreNames.LeaseSuffix.Length] }, file.Name));
            }
            else
            {
                files.Delete(path);
            }
        }

        return living;
    }

    public void Dispose()
    {
        renewal?.Dispose();
        files.Delete(name);
    }

    private static StoreLease? TryTake(IStoreFiles files, StoreOptions options, LeaseKind kind, string id, string file, string? checkpoint)
    {
        files.EnsureFolder(StoreNames.Leases);
        var name = $"{StoreNames.Leases}/{file}{StoreNames.LeaseSuffix}";
        var record = new LeaseRecord
        {
            Id = id,
            Kind = kind,
            Host = options.Identity.Host,
            BootId = options.Identity.BootId,
            ProcessNamespace = options.Identity.ProcessNamespace,
            ProcessId = options.Identity.ProcessId,
            ProcessStart = options.Identity.ProcessStart,
            Since = options.Time.GetUtcNow(),
            Checkpoint = checkpoint,
        };
        IStoreFileWriter writer;
        try
        {
            writer = files.Create(name);
        }
        catch (IOException fault) when (fault.HResult == AlreadyExists || files.Exists(name))
        {
            // It may be gone again by now.
            return null;
        }

        try
        {
            using (writer)
            {
                writer.Write(JsonSerializer.SerializeToUtf8Bytes(record, StoreJson.Default.LeaseRecord));
            }
        }
        catch (IOException)
        {
            files.Delete(name);
            throw;
        }

        var renewal = options.Time.CreateTimer(_ => Renew(files, name), null, options.LeaseRenewal, options.LeaseRenewal);
        return new(files, name, id, renewal);
    }

    private static void Renew(IStoreFiles files, string name)
    {
        try
        {
            files.Touch(name);
        }
        catch (IOException)
        {
            // Whether the lease was kept is asked before anything relies on it.
        }
        catch (UnauthorizedAccessException)
        {
        }
    }

    /// <summary>The clock of the file system, by a file that changes now: the clocks of nodes differ.</summary>
    private static DateTimeOffset Now(IStoreFiles files, StoreOptions options)
    {
        var probe = $"clock-{options.NewSuffix()}.probe";
        var name = $"{StoreNames.Leases}/{probe}";
        using (var writer = files.Create(name))
        {
            writer.Write("?"u8);
        }

        var now = files.List(StoreNames.Leases).FirstOrDefault(file => file.Name == probe).Changed;
        files.Delete(name);
        return now;
    }

    private static string LowerName(LeaseKind kind) => kind switch
    {
        LeaseKind.Write => "w",
        LeaseKind.Read => "r",
        LeaseKind.Collect => "c",
        _ => "x",
    };
}
