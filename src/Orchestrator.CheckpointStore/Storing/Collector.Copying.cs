using System.Globalization;
using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore.Storing;

/// <content>Copies what is needed out of packs that are mostly garbage.</content>
internal sealed partial class Collector
{
    /// <summary>After so many copied bytes the packs they came from are let go: a collection that is interrupted has got on.</summary>
    private const long CopiedAtOnce = 1L << 30;

    /// <summary>Copies needed chunks into new packs, durably and with their index, a part after the other until the disk is full or nobody wants it any more; the packs that are garbage now.</summary>
    private List<string> Copy(List<(string Pack, List<(ChunkHash Hash, ChunkPlace Place)> Chunks)> from, StoreLease lease, CancellationToken cancellationToken)
    {
        var free = new List<string>();
        for (var (at, part) = (0, 0); at < from.Count; part++)
        {
            var bytes = 0L;
            var some = from.Skip(at).TakeWhile((pack, number) => number == 0 || (bytes += pack.Chunks.Sum(chunk => (long)chunk.Place.Stored)) < CopiedAtOnce).ToList();
            at += some.Count;
            try
            {
                free.AddRange(CopySome(some, part, lease, cancellationToken));
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // What was copied before is let go all the same.
                break;
            }
            catch (IOException full) when (StoreFullException.Means(full))
            {
                // There is no room for a copy; what is garbage as a whole goes all the same, and makes some for the next time.
                break;
            }
        }

        return free;
    }

    private List<string> CopySome(List<(string Pack, List<(ChunkHash Hash, ChunkPlace Place)> Chunks)> from, int part, StoreLease lease, CancellationToken cancellationToken)
    {
        var free = new List<string>();
        using var writer = new PackWriter(files, string.Create(CultureInfo.InvariantCulture, $"{lease.Id}-{part}"), overlap: false, reserve: null);
        using var reader = new ChunkReader(files);
        var notes = new List<DamageNote>();
        try
        {
            foreach (var (pack, chunks) in from)
            {
                var whole = true;
                foreach (var (hash, place) in chunks.OrderBy(chunk => chunk.Place.Offset))
                {
                    cancellationToken.ThrowIfCancellationRequested();
                    _ = reader.Read(pack, hash, place, out var damage);
                    if (damage is not null)
                    {
                        // Damaged bytes may yet be of use to a person, and those that cannot be read now may be right: their pack stays.
                        if (reader.Unreadable is null)
                        {
                            notes.Add(DamageNote.Of(pack, place, hash));
                        }

                        (whole, damagedChunks) = (false, damagedChunks + 1);
                        continue;
                    }

                    var (record, bytes) = reader.Raw(place);
                    writer.Append(hash, record.Length, record.Compression, bytes.Span);
                }

                if (whole)
                {
                    free.Add(pack);
                }
            }

            writer.Finish();
            if (!TryWriteSegment(lease, string.Create(CultureInfo.InvariantCulture, $"copied-{part}"), writer.Packs, writer.Written))
            {
                writer.Abandon();
                return [];
            }
        }
        catch
        {
            writer.Abandon();
            throw;
        }

        copied += writer.Bytes;
        DamageLog.Note(store, notes);
        return free;
    }
}
