using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Files;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <summary>Copies a checkpoint to a store of a slower, safer tier: the chunks that it lacks, as they are stored, each proven on the way; then the same manifest.</summary>
internal sealed class FlushOperation(ChunkStore source, ChunkStore target, string id, IProgress<StoreProgress>? progress)
{
    public FlushResult Run(CancellationToken cancellationToken)
    {
        using var reading = StoreLease.TakeToRead(source.Files, source.Options, id);
        var manifest = source.ReadManifest(id, out var bytes);
        if (target.Contains(id))
        {
            return new(id, 0, 0);
        }

        using var writing = StoreLease.Take(target.Files, target.Options, LeaseKind.Write);
        var from = StoreIndex.Load(source.Files);
        var into = StoreIndex.Load(target.Files);
        using var packs = new PackWriter(target.Files, writing.Id, overlap: target.Options.Workers > 0, reserve: null);
        var published = false;
        try
        {
            using var reader = new ChunkReader(source.Files);
            foreach (var chunk in manifest.Entries.SelectMany(manifest.ChunksOf))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!chunk.Hash.IsHole && into.TryClaim(chunk.Hash, chunk.Length))
                {
                    Copy(chunk, from, reader, packs);
                    progress?.Report(new(reader.Bytes, 0, packs.Written.Count));
                }
            }

            packs.Finish();
            published = true;
            if (packs.Packs.Count > 0)
            {
                target.Files.WriteWhole($"{StoreNames.Index}/{writing.Id}{StoreNames.IndexSuffix}", new IndexSegment { Packs = packs.Packs, Entries = packs.Written }.Write(), writing.Id);
            }

            if (writing.IsLost)
            {
                throw new StoreException($"The lease {writing.Id} on {target.Files.Description} was given to others, since this process did not answer for long. Repeat it.");
            }

            target.Files.WriteWhole(StoreNames.Manifest(id), bytes, writing.Id);
            return new(id, packs.Bytes, packs.Written.Count);
        }
        catch (Exception failure)
        {
            try
            {
                // Once their index may be known to others, these refer to the packs: collection judges then.
                if (!published)
                {
                    packs.Abandon();
                }
            }
            catch (IOException)
            {
                // The first failure is the one to tell; collection takes what is left.
            }

            if (failure is IOException fault && StoreFullException.Means(fault))
            {
                throw new StoreFullException($"The disk of {target.Files.Description} is full: {fault.Message} The checkpoint {id} stays where it is.", fault);
            }

            throw;
        }
    }

    private void Copy(ChunkReference chunk, StoreIndex from, ChunkReader reader, PackWriter packs)
    {
        if (!from.TryGetReadable(chunk.Hash, out var place))
        {
            throw new DamagedCheckpointException($"The checkpoint {id} is damaged: the store {source.Files.Description} lacks its chunk {chunk.Hash.ToString()[..12]}.");
        }

        _ = reader.Read(from.Packs[place.Pack], chunk.Hash, place, out var damage);
        if (reader.Unreadable is { } unreadable)
        {
            throw new UnreadableCheckpointException($"The checkpoint {id} cannot be read: {damage}", unreadable);
        }

        if (damage is not null)
        {
            DamageLog.Note(source, [DamageNote.Of(from.Packs[place.Pack], place, chunk.Hash)]);
            throw new DamagedCheckpointException($"The checkpoint {id} is damaged: chunk {chunk.Hash.ToString()[..12]}: {damage}.");
        }

        var (record, stored) = reader.Raw(place);
        packs.Append(chunk.Hash, record.Length, record.Compression, stored.Span);
    }
}
