namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// An account may always take up what it is guaranteed. Beyond that it takes what is left over, and what others lend, but never more than its maximum, and never what is kept for
/// others: what of their guarantee they wait for, and what they do not lend.
/// </summary>
public sealed class ShareAdmission : IAdmissionRule
{
    /// <inheritdoc/>
    public IAdmission Open(ISchedulingView view, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(view);
        return ShareBook.IsNeeded(view.Context) ? new Admission(view) : FreeAdmission.Instance;
    }

    private sealed class Admission : IAdmission
    {
        private readonly ShareBook book;
        private readonly Func<Ids.NodeId, int?> sizeOf;

        // Sums over all accounts, so that each request is answered without looking at all of them.
        private long kept;
        private long keptWhole;

        public Admission(ISchedulingView view)
        {
            sizeOf = ShareBook.SizesOf(view);
            book = PlanMemo.Of(view).Shares(view).Copy();
            foreach (var entry in book.Entries)
            {
                kept += entry.Kept;
                keptWhole += entry.KeptWhole;
            }
        }

        public WaitReason? Refusal(PendingRequest request)
        {
            var entry = book.Of(ShareBook.KeyOf(request.Owner));
            var cores = book.CoresOf(request.Resources);
            var after = entry.Used + cores;
            if (after > entry.Maximum)
            {
                return Wait(request, entry);
            }

            var othersKeep = entry.MayBorrow ? kept - entry.Kept : keptWhole - entry.KeptWhole;
            return after > entry.Guaranteed && book.Free - cores < othersKeep ? Wait(request, entry) : null;
        }

        public void Start(PendingRequest request, Placement placement)
        {
            var entry = book.Of(ShareBook.KeyOf(request.Owner));
            kept -= entry.Kept;
            keptWhole -= entry.KeptWhole;
            book.Take(entry, CoresOf(placement));
            kept += entry.Kept;
            keptWhole += entry.KeptWhole;
        }

        /// <summary>Most of an account wait for the same.</summary>
        private static WaitReason Wait(PendingRequest request, ShareBook.Entry entry) =>
            entry.Wait is { } said && said.NodesNeeded == request.Resources.Nodes
                ? said
                : entry.Wait = new() { Constraint = PlacementConstraint.Share, NodesNeeded = request.Resources.Nodes, For = entry.Account };

        private long CoresOf(Placement placement)
        {
            long cores = 0;
            foreach (var share in placement.Shares)
            {
                cores += share.Exclusive ? sizeOf(share.Node) ?? share.Cores.Length : share.Cores.Length;
            }

            return cores;
        }
    }
}
