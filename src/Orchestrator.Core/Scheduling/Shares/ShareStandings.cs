using System.Collections.Immutable;
using System.Runtime.InteropServices;
using Orchestrator.Core.Ids;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// Tells of each account what it is guaranteed, holds, borrows and lends: who holds how much is read from the book that plans are made by, and <see cref="ClusterPartition"/> divides. Divided by what
/// is held, it tells whose guarantee whom serves; by what is held and waited for, what would be whose.
/// </summary>
public static class ShareStandings
{
    /// <summary>Of every account that has terms, or holds or waits for anything, by its name. Work without an account takes part, and is not listed.</summary>
    public static ImmutableArray<ShareStanding> Of(ISchedulingView view)
    {
        ArgumentNullException.ThrowIfNull(view);
        var book = ShareBook.Read(view);
        var waiting = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var request in view.Pending)
        {
            if (book.CanEverFit(request.Resources))
            {
                CollectionsMarshal.GetValueRefOrAddDefault(waiting, book.Of(ShareBook.KeyOf(request.Owner)).Account, out _) += book.CoresOf(request.Resources);
            }
        }

        // By name, as the partition lists them.
        var entries = book.Entries.OrderBy(static entry => entry.Account, StringComparer.Ordinal).ToArray();
        var borrowing = view.Settings.Shares.Borrowing;
        var now = ClusterPartition.Divide(book.Total, [.. entries.Select(entry => Claim(entry, entry.Used))], borrowing);
        var wanted = ClusterPartition.Divide(book.Total, [.. entries.Select(entry => Claim(entry, entry.Used + waiting.GetValueOrDefault(entry.Account)))], borrowing);
        var gpus = Gpus(view);
        return
        [
            .. entries.Select((entry, at) => new ShareStanding
            {
                Account = entry.Account,
                Total = book.Total,
                Guaranteed = now.Allotments[at].Guaranteed,
                Maximum = now.Allotments[at].Maximum,
                Held = entry.Used,
                Waiting = waiting.GetValueOrDefault(entry.Account),
                Allotted = wanted.Allotments[at].Allotted,
                Borrowed = now.Allotments[at].Borrowed,
                Lent = now.Allotments[at].Lent,
                Loans = (now.Allotments[at] is { Borrowed: 0, Lent: 0 }) ? [] : [.. now.Loans.Where(loan => loan.Borrower == entry.Account || loan.Lender == entry.Account)],
                GpusHeld = gpus.GetValueOrDefault(entry.Account),
            }).Where(static standing => standing.Account.Length > 0),
        ];

        ShareClaim Claim(ShareBook.Entry entry, long demand)
        {
            var terms = view.Context.Accounts.GetValueOrDefault(entry.Account) ?? new();
            var guaranteed = Math.Clamp(terms.Guaranteed, 0, 1);
            return new()
            {
                Account = entry.Account,
                Guaranteed = guaranteed,
                Maximum = Math.Clamp(terms.Maximum, guaranteed, 1),
                LendLimit = Math.Clamp(terms.LendLimit, 0, 1),
                MayBorrow = terms.MayBorrow,
                Demand = demand,
            };
        }
    }

    private static Dictionary<string, double> Gpus(ISchedulingView view)
    {
        var held = new Dictionary<string, double>(StringComparer.Ordinal);
        HashSet<NodeId> seen = [.. view.Nodes.Where(static node => !node.NotSeen && !node.Gpus.IsEmpty).Select(static node => node.Id)];
        foreach (var lease in view.Running)
        {
            foreach (var share in lease.Shares)
            {
                if (share.Gpus.Length > 0 && seen.Contains(share.Node))
                {
                    CollectionsMarshal.GetValueRefOrAddDefault(held, ShareBook.KeyOf(lease.Owner), out _) += share.Gpus.Length * share.GpuThousandths / 1000.0;
                }
            }
        }

        return held;
    }
}
