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
    /// <summary>How the ids of those begin that restore or verify.</summary>
    public const string ReadPrefix = "r-";

    private const int AlreadyExists = 17;

    private readonly IStoreFiles files;
    private readonly string name;
    private readonly ITimer? renewal;
    private readonly bool isWritten;

    private StoreLease(IStoreFiles files, string name, string id, ITimer? renewal, bool isWritten) =>
        (this.files, this.name, Id, this.renewal, this.isWritten) = (files, name, id, renewal, isWritten);

    /// <summary>Unique in the store; begins the names of everything that the holder writes.</summary>
    public string Id { get; }

    /// <summary>Its file, in the folder of the leases; empty where none could be written.</summary>
    public string FileName => name.Length == 0 ? "" : name[(StoreNames.Leases.Length + 1)..];

    /// <summary>Somebody took this process for dead, so what it wrote may be gone.</summary>
    public bool IsLost
    {
        get
        {
            if (name.Length == 0 || !files.Exists(name))
            {
                return name.Length > 0;
            }

            // Under a name that only one can have there may be another's by now.
            return isWritten && ReadId(files, name) is { } holder && holder != Id;
        }
    }

    /// <summary>
    /// A lease of one who only reads; where nothing can be written, on a full disk or a tier that is read-only, none: what is read is proven anyway.
    /// </summary>
    public static StoreLease TakeToRead(IStoreFiles files, StoreOptions options, string? checkpoint)
    {
        try
        {
            return Take(files, options, LeaseKind.Read, checkpoint);
        }
        catch (Exception closed) when (StoreFullException.MeansNoWriting(closed))
        {
            return new(files, "", NewId(options, LowerName(LeaseKind.Read)), null, isWritten: false);
        }
    }

    public static StoreLease Take(IStoreFiles files, StoreOptions options, LeaseKind kind, string? checkpoint = null)
    {
        var id = NewId(options, LowerName(kind));
        return TryTake(files, options, kind, id, id, checkpoint) ?? throw new StoreException($"The lease {id} exists already in {files.Description}.");
    }

    /// <summary>Takes a lease under a name that only one can have; null when somebody alive has it.</summary>
    public static StoreLease? TryTakeOnly(IStoreFiles files, StoreOptions options, LeaseKind kind, string only)
    {
        var id = NewId(options, only);
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
        // A file that comes and goes makes network file systems read the folder anew, so that nobody who is there is overlooked.
        var now = files.ShowsLate ? Now(files, options) : null;
        var listed = files.List(StoreNames.Leases).Where(file => file.Name.EndsWith(StoreNames.LeaseSuffix, StringComparison.Ordinal)).ToList();
        var living = new List<(LeaseRecord, string)>();
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
            if (alive is null)
            {
                // Where no clock can be asked for, nothing can be taken from anybody either.
                now ??= Now(files, options);
                alive = now is null || now - file.Changed < options.LeaseTimeout;
            }

            if (alive.Value)
            {
                living.Add((record ?? new() { Id = file.Name[..^StoreNames.LeaseSuffix.Length] }, file.Name));
            }
            else
            {
                Remove(files, options, path, record?.Id);
            }
        }

        return living;
    }

    public void Dispose()
    {
        renewal?.Dispose();
        if (name.Length > 0 && !IsLost)
        {
            files.Delete(name);
        }
    }

    private static string NewId(StoreOptions options, string beginning) =>
        $"{beginning}-{options.Time.GetUtcNow().ToUnixTimeMilliseconds().ToString("x", CultureInfo.InvariantCulture)}{options.NewSuffix()}";

    /// <summary>Whose lease a file is; null when that is not written in it, or it is gone.</summary>
    private static string? ReadId(IStoreFiles files, string path)
    {
        try
        {
            return JsonSerializer.Deserialize(files.ReadWhole(path), StoreJson.Default.LeaseRecord)?.Id;
        }
        catch (Exception half) when (half is FileNotFoundException or JsonException)
        {
            return null;
        }
    }

    /// <summary>Removes the lease of a dead one, and no other that took its name since it was looked at: it gets another name, is read again, and goes only then.</summary>
    private static void Remove(IStoreFiles files, StoreOptions options, string path, string? dead)
    {
        var aside = $"{path}{StoreNames.DeadSuffix}-{options.NewSuffix()}";
        try
        {
            files.Rename(path, aside);
        }
        catch (FileNotFoundException)
        {
            // Somebody else was faster.
            return;
        }

        if (ReadId(files, aside) is { } holder && holder != dead && !files.Exists(path))
        {
            files.Rename(aside, path);
            return;
        }

        files.Delete(aside);
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
            MachineId = options.Identity.MachineId,
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

        var isWritten = true;
        try
        {
            using (writer)
            {
                writer.Write(JsonSerializer.SerializeToUtf8Bytes(record, StoreJson.Default.LeaseRecord));
            }
        }
        catch (IOException full) when (StoreFullException.Means(full))
        {
            // On a full disk a name still finds room. Whose it is nobody can read then, so its age decides.
            isWritten = false;
        }
        catch (IOException)
        {
            files.Delete(name);
            throw;
        }

        var renewal = options.Time.CreateTimer(_ => Renew(files, name), null, options.LeaseRenewal, options.LeaseRenewal);
        return new(files, name, id, renewal, isWritten);
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

    /// <summary>The clock of the file system, by a file that is made now: the clocks of nodes differ. Null where none can be made.</summary>
    internal static DateTimeOffset? Now(IStoreFiles files, StoreOptions options)
    {
        var probe = $"clock-{options.NewSuffix()}.probe";
        var name = $"{StoreNames.Leases}/{probe}";
        try
        {
            files.Create(name).Dispose();
        }
        catch (Exception closed) when (StoreFullException.MeansNoWriting(closed))
        {
            return null;
        }

        var found = files.List(StoreNames.Leases).Where(file => file.Name == probe).ToList();
        files.Delete(name);
        return found.Count == 0 ? null : found[0].Changed;
    }

    private static string LowerName(LeaseKind kind) => kind switch
    {
        LeaseKind.Write => "w",
        LeaseKind.Read => "r",
        LeaseKind.Collect => "c",
        _ => "x",
    };
}
