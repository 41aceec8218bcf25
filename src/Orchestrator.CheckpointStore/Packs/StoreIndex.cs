using System.Text.Json;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;

namespace Orchestrator.CheckpointStore.Packs;

/// <summary>
/// All that the index files say, compared with the packs that are there. Entries of packs that are missing or too short, or whose place is known as damaged, are left out.
/// Packs that no segment names are either being written, or abandoned, or their segment was lost: their chunks are found by <see cref="ScanUnindexed"/>.
/// </summary>
internal sealed class StoreIndex
{
    private const int Attempts = 20;

    private readonly IStoreFiles files;
    private readonly ChunkTable main = new(), fallback = new();
    private readonly Dictionary<string, int> numbers = [];
    private readonly Dictionary<string, long> lengths = [];
    private readonly HashSet<(string Pack, uint Offset)> damaged = [];
    private bool scanned;

    private StoreIndex(IStoreFiles files) => this.files = files;

    /// <summary>Names by number.</summary>
    public List<string> Packs { get; } = [];

    /// <summary>Lengths of the packs that exist, by name.</summary>
    public IReadOnlyDictionary<string, long> Lengths => lengths;

    /// <summary>Packs that some segment names and that exist.</summary>
    public HashSet<string> Indexed { get; } = [];

    public HashSet<string> Condemned { get; } = [];

    public Dictionary<string, Condemnation> Condemnations { get; } = [];

    /// <summary>When each condemnation was written, by the clock of the file system.</summary>
    public Dictionary<string, DateTimeOffset> CondemnedAt { get; } = [];

    /// <summary>Files of whole segments.</summary>
    public List<string> Segments { get; } = [];

    /// <summary>Files of segments that are damaged, and their packs count as not indexed.</summary>
    public List<string> DamagedSegments { get; } = [];

    /// <summary>Files that note damaged places.</summary>
    public Dictionary<string, IReadOnlyList<DamageNote>> DamageFiles { get; } = [];

    /// <summary>Files of condemnations that cannot be read: no pack lasts for sure, as long as one is there.</summary>
    public List<string> DamagedCondemnations { get; } = [];

    /// <summary>Files of notes about damage that are damaged; the reader finds damage by itself.</summary>
    public List<string> DamagedNotes { get; } = [];

    /// <summary>Places that are left out because they were found damaged.</summary>
    public List<(ChunkHash Hash, ChunkPlace Place)> Noted { get; } = [];

    public int Chunks => main.Count;

    public IEnumerable<string> Unindexed => lengths.Keys.Where(pack => !Indexed.Contains(pack));

    /// <summary>Packs that a segment names and that are not there, or are too short for their chunks.</summary>
    public HashSet<string> Broken { get; } = [];

    public static StoreIndex Load(IStoreFiles files)
    {
        for (var attempt = 1; ; attempt++)
        {
            var index = new StoreIndex(files);
            try
            {
                index.Read();
                return index;
            }
            catch (FileNotFoundException) when (attempt < Attempts)
            {
                // A collection has put several segments into one meanwhile: that one is there now.
            }
        }
    }

    /// <summary>A place that a new checkpoint may refer to.</summary>
    public bool TryGetLasting(in ChunkHash hash, out ChunkPlace place) => main.TryGet(hash, out place);

    /// <summary>A place to read from.</summary>
    public bool TryGetReadable(in ChunkHash hash, out ChunkPlace place)
    {
        if (main.TryGet(hash, out place) || fallback.TryGet(hash, out place))
        {
            return true;
        }

        ScanUnindexed();
        return main.TryGet(hash, out place) || fallback.TryGet(hash, out place);
    }

    /// <summary>Says that somebody is writing this chunk; false when it has a place, or somebody does.</summary>
    public bool TryClaim(in ChunkHash hash, int length) => main.TryAdd(hash, new(-1, 0, 0, length));

    /// <summary>Leaves a place out from now on.</summary>
    public bool IsDamaged(string pack, uint offset) => damaged.Contains((pack, offset));

    public IEnumerable<(ChunkHash Hash, ChunkPlace Place)> Lasting() => main.All();

    /// <summary>Every place that readers could take, condemned ones too.</summary>
    public IEnumerable<(ChunkHash Hash, ChunkPlace Place)> Readable() => main.All().Concat(fallback.All());

    /// <summary>Reads the headers of packs that no segment names.</summary>
    public void ScanUnindexed()
    {
        if (scanned)
        {
            return;
        }

        scanned = true;
        foreach (var pack in Unindexed.ToList())
        {
            Scan(pack);
        }
    }

    /// <summary>The chunks of one pack by its headers, as far as they are whole, which also become known to this index.</summary>
    public List<(ChunkHash Hash, ChunkPlace Place)> Scan(string pack)
    {
        var entries = new List<(ChunkHash, ChunkPlace)>();
        try
        {
            using var reader = files.Open(StoreNames.Pack(pack));
            var number = NumberOf(pack);
            foreach (var (record, offset) in PackFile.Scan(reader))
            {
                var place = new ChunkPlace(number, offset, record.Stored, record.Length);
                entries.Add((record.Hash, place));
                Add(record.Hash, place, pack);
            }
        }
        catch (FileNotFoundException)
        {
            // Its writer took it back.
        }

        return entries;
    }

    private void Read()
    {
        // In this order: a condemnation is written before packs go, a segment after its packs were written and before others are deleted.
        var listed = files.List(StoreNames.Index);
        foreach (var file in listed)
        {
            var name = $"{StoreNames.Index}/{file.Name}";
            if (file.Name.EndsWith(StoreNames.CondemnedSuffix, StringComparison.Ordinal))
            {
                if (Parse(name, StoreJson.Default.Condemnation) is not { Packs: not null, WaitFor: not null } condemnation)
                {
                    DamagedCondemnations.Add(file.Name);
                    continue;
                }

                Condemnations.Add(file.Name, condemnation);
                CondemnedAt.Add(file.Name, file.Changed);
                Condemned.UnionWith(condemnation.Packs);
            }
            else if (file.Name.EndsWith(StoreNames.DamagedSuffix, StringComparison.Ordinal))
            {
                if (Parse(name, StoreJson.Default.IReadOnlyListDamageNote) is not { } notes)
                {
                    DamagedNotes.Add(file.Name);
                    continue;
                }

                DamageFiles.Add(file.Name, notes);
                damaged.UnionWith(notes.Select(note => (note.Pack, note.Offset)));
            }
        }

        var segments = new List<IndexSegment>();
        foreach (var file in files.List(StoreNames.Index).Where(file => file.Name.EndsWith(StoreNames.IndexSuffix, StringComparison.Ordinal)).OrderBy(file => file.Name, StringComparer.Ordinal))
        {
            if (IndexSegment.Read(files.ReadWhole($"{StoreNames.Index}/{file.Name}")) is { } segment)
            {
                segments.Add(segment);
                Segments.Add(file.Name);
            }
            else
            {
                DamagedSegments.Add(file.Name);
            }
        }

        foreach (var pack in files.List(StoreNames.Packs).Where(pack => pack.Name.EndsWith(StoreNames.PackSuffix, StringComparison.Ordinal)))
        {
            lengths[pack.Name[..^StoreNames.PackSuffix.Length]] = pack.Length;
        }

        foreach (var segment in segments)
        {
            foreach (var pack in segment.Packs)
            {
                if (lengths.ContainsKey(pack))
                {
                    Indexed.Add(pack);
                }
                else
                {
                    Broken.Add(pack);
                }
            }

            foreach (var (hash, place) in segment.Entries)
            {
                var pack = segment.Packs[place.Pack];
                if (!lengths.TryGetValue(pack, out var length))
                {
                    continue;
                }

                if (place.End > length)
                {
                    Broken.Add(pack);
                    continue;
                }

                Add(hash, place with { Pack = NumberOf(pack) }, pack);
            }
        }
    }

    private void Add(in ChunkHash hash, ChunkPlace place, string pack)
    {
        if (damaged.Contains((pack, place.Offset)))
        {
            Noted.Add((hash, place));
        }
        else
        {
            (Condemned.Contains(pack) || DamagedCondemnations.Count > 0 ? fallback : main).TryAdd(hash, place);
        }
    }

    private int NumberOf(string pack)
    {
        if (!numbers.TryGetValue(pack, out var number))
        {
            numbers.Add(pack, number = Packs.Count);
            Packs.Add(pack);
        }

        return number;
    }

    /// <summary>Null when the file is damaged.</summary>
    private T? Parse<T>(string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(files.ReadWhole(name), type);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
