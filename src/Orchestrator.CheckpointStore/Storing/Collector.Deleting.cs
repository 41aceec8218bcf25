using System.Text.Json;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <content>Deletes what was condemned, once nobody is left who may refer to it.</content>
internal sealed partial class Collector
{
    /// <summary>So many index files are put into one.</summary>
    private const int ManySegments = 16;

    /// <summary>Longer than network file systems show what has changed since.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromMinutes(2);

    /// <summary>Deletes what is condemned, for which nobody has to be waited any more.</summary>
    private (long Waiting, IReadOnlyList<string> WaitFor) Execute(StoreLease lease)
    {
        var index = LoadWhole();
        var living = OthersThan(lease);
        var (waitFor, waiting) = (new HashSet<string>(), new HashSet<string>());
        var due = new List<string>();
        var now = files.ShowsLate && index.Condemnations.Count > 0 ? StoreLease.Now(files, options) : null;
        foreach (var (name, condemnation) in index.Condemnations)
        {
            if (files.ShowsLate && (now is null || now - index.CondemnedAt[name] < ShownAfter))
            {
                // Somebody on another node may use the store and not be shown yet, or not have been shown this.
                waiting.UnionWith(condemnation.Packs);
                continue;
            }

            // A crash between both writings leaves the question mark: everybody who lives now is waited for.
            var unknown = condemnation.WaitFor.Contains("?");
            var others = unknown ? living : [.. condemnation.WaitFor.Intersect(living)];
            if (unknown && others.Count > 0)
            {
                Write($"{StoreNames.Index}/{name}", JsonSerializer.SerializeToUtf8Bytes(condemnation with { WaitFor = others }, StoreJson.Default.Condemnation), lease);
            }

            if (others.Count > 0)
            {
                waitFor.UnionWith(others);
                waiting.UnionWith(condemnation.Packs);
            }
            else
            {
                due.Add(name);
            }
        }

        // On a full disk packs may have gone that are still named.
        if (due.Count > 0 || index.Segments.Count >= ManySegments || index.Broken.Any(pack => !index.Lengths.ContainsKey(pack)))
        {
            Delete(index, due, waiting, lease);
        }

        return (waiting.Sum(pack => index.Lengths.GetValueOrDefault(pack)), [.. waitFor]);
    }

    private void Delete(StoreIndex index, List<string> due, HashSet<string> waiting, StoreLease lease)
    {
        // Who was waited for may have committed since: marked again, now that nobody is left who could refer to these packs.
        var needed = Mark();
        var lasting = index.Lasting().Select(entry => entry.Hash).ToHashSet();
        var doomed = due.SelectMany(name => index.Condemnations[name].Packs).Where(pack => !waiting.Contains(pack)).ToHashSet();
        var pardoned = index.Readable()
            .Where(entry => needed.Contains(entry.Hash) && !lasting.Contains(entry.Hash))
            .Select(entry => index.Packs[entry.Place.Pack]).Where(doomed.Contains).ToHashSet();
        pardoned.UnionWith(OnlyDamaged(index, needed));
        doomed.ExceptWith(pardoned);

        var kept = index.Indexed.Where(pack => !doomed.Contains(pack)).Order(StringComparer.Ordinal).ToList();
        var numbers = kept.Select((pack, number) => (pack, number)).ToDictionary(pair => pair.pack, pair => pair.number);
        var entries = index.Readable().Concat(index.Noted).Where(entry => numbers.ContainsKey(index.Packs[entry.Place.Pack]))
            .Select(entry => (entry.Hash, entry.Place with { Pack = numbers[index.Packs[entry.Place.Pack]] })).ToList();
        ThrowIfLost(lease);
        if (kept.Count == 0 || TryWriteSegment(lease, "merged", kept, entries))
        {
            foreach (var segment in index.Segments)
            {
                files.Delete($"{StoreNames.Index}/{segment}");
            }

            files.SyncFolder(StoreNames.Index);
        }

        foreach (var pack in doomed)
        {
            freed += index.Lengths.GetValueOrDefault(pack);
            files.Delete(StoreNames.Pack(pack));
        }

        files.SyncFolder(StoreNames.Packs);
        foreach (var name in due)
        {
            files.Delete($"{StoreNames.Index}/{name}");
        }

        foreach (var (name, notes) in index.DamageFiles)
        {
            if (notes.All(note => doomed.Contains(note.Pack) || !index.Lengths.ContainsKey(note.Pack)))
            {
                files.Delete($"{StoreNames.Index}/{name}");
            }
        }

        files.SyncFolder(StoreNames.Index);
    }
}
