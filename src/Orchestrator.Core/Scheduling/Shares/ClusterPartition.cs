using System.Collections.Immutable;

namespace Orchestrator.Core.Scheduling.Shares;

/// <summary>
/// Divides a cluster between accounts. Each gets its guarantee, rounded down; what is left over goes to those who want more, in proportion to what they want, and then to all;
/// and who still wants more borrows what others are guaranteed and do not need. Nobody gets more than its maximum, nobody lends more than its limit, and nothing is given twice.
/// </summary>
public sealed record ClusterPartition
{
    /// <summary>What was divided, as in cores.</summary>
    public long Total { get; init; }

    /// <summary>By the name of the account.</summary>
    public ImmutableArray<ShareAllotment> Allotments { get; init; } = [];

    public ImmutableArray<ShareLoan> Loans { get; init; } = [];

    /// <summary>What nobody gets, because all have their maximum.</summary>
    public long Unallotted => Total - Allotments.Sum(static allotment => allotment.Allotted);

    public ShareAllotment Of(string account) =>
        Allotments.FirstOrDefault(allotment => allotment.Account == account) ?? throw new ArgumentException($"No account {account} was given a part.", nameof(account));

    /// <summary>Divides a number of cores.</summary>
    /// <exception cref="ArgumentException">An amount or a part is out of its range, or an account is named twice.</exception>
    public static ClusterPartition Divide(long total, IReadOnlyList<ShareClaim> claims, bool borrowing = true)
    {
        Check(total, claims);
        var accounts = claims.OrderBy(static claim => claim.Account, StringComparer.Ordinal).ToArray();
        var scale = Math.Max(1, accounts.Sum(static claim => claim.Guaranteed));
        var guaranteed = Array.ConvertAll(accounts, claim => Part(total, claim.Guaranteed / scale));
        var maximum = Array.ConvertAll(accounts, claim => Part(total, claim.Maximum));
        for (var i = 0; i < maximum.Length; i++)
        {
            maximum[i] = Math.Max(maximum[i], guaranteed[i]);
        }

        var allotted = (long[])guaranteed.Clone();
        var left = total - guaranteed.Sum();
        left -= Share(left, Wanted(), allotted);

        // Nobody wants the rest now: it goes to all, so that whoever wants it first has it.
        for (var given = -1L; left > 0 && given != 0; left -= given)
        {
            given = Share(left, [.. accounts.Select((claim, i) => Math.Max(claim.Guaranteed, 1e-3) * total)], allotted, maximum);
        }

        var borrowed = new long[accounts.Length];
        var lent = new long[accounts.Length];
        var loans = borrowing ? Lend() : [];
        return new()
        {
            Total = total,
            Loans = loans,
            Allotments =
            [
                .. accounts.Select((claim, i) => new ShareAllotment
                {
                    Account = claim.Account,
                    Guaranteed = guaranteed[i],
                    Maximum = maximum[i],
                    Allotted = allotted[i],
                    Borrowed = borrowed[i],
                    Lent = lent[i],
                    Part = total == 0 ? 0 : allotted[i] / (double)total,
                }),
            ],
        };

        double[] Wanted() => [.. accounts.Select((claim, i) => (double)Math.Max(0, Math.Min(claim.Demand, maximum[i]) - allotted[i]))];

        ImmutableArray<ShareLoan> Lend()
        {
            var supply = accounts.Select((claim, i) => Math.Max(0, Math.Min(Part(guaranteed[i], claim.LendLimit), guaranteed[i] - claim.Demand))).ToArray();
            double[] wanted = [.. Wanted().Select((amount, i) => accounts[i].MayBorrow ? amount : 0)];
            var before = (long[])allotted.Clone();
            Share(supply.Sum(), wanted, allotted);
            var made = ImmutableArray.CreateBuilder<ShareLoan>();
            var lender = 0;
            for (var borrower = 0; borrower < accounts.Length; borrower++)
            {
                for (borrowed[borrower] = 0; borrowed[borrower] < allotted[borrower] - before[borrower];)
                {
                    var amount = Math.Min(supply[lender], allotted[borrower] - before[borrower] - borrowed[borrower]);
                    if (amount == 0)
                    {
                        lender++;
                        continue;
                    }

                    supply[lender] -= amount;
                    lent[lender] += amount;
                    borrowed[borrower] += amount;
                    made.Add(new() { Lender = accounts[lender].Account, Borrower = accounts[borrower].Account, Amount = amount });
                }
            }

            for (var i = 0; i < accounts.Length; i++)
            {
                allotted[i] -= lent[i];
            }

            return made.ToImmutable();
        }
    }

    /// <summary>A part of a whole, rounded down; what is a whole number but for the rounding of the part stays one.</summary>
    internal static long Part(long total, double part) => (long)Math.Floor((total * Math.Clamp(part, 0, 1)) + 1e-6);

    /// <summary>Adds to each in proportion to its weight; with limits none gets more than leads it to its own, without them none gets more than its weight. What was given in all.</summary>
    private static long Share(long amount, double[] weights, long[] shares, long[]? limits = null)
    {
        var room = shares.Select((share, i) => limits is null ? (long)weights[i] : weights[i] > 0 ? Math.Max(0, limits[i] - share) : 0).ToArray();
        var sum = weights.Where((_, i) => room[i] > 0).Sum();
        amount = Math.Min(amount, room.Sum());
        if (amount <= 0)
        {
            return 0;
        }

        var given = 0L;
        var rest = new (double Fraction, int Index)[shares.Length];
        for (var i = 0; i < shares.Length; i++)
        {
            var exact = room[i] > 0 ? amount * weights[i] / sum : 0;
            var whole = Math.Min(room[i], (long)Math.Floor(exact));
            shares[i] += whole;
            room[i] -= whole;
            given += whole;
            rest[i] = (exact - whole, i);
        }

        foreach (var (_, i) in rest.OrderByDescending(static one => one.Fraction).ThenBy(static one => one.Index))
        {
            if (given < amount && room[i] > 0)
            {
                shares[i]++;
                given++;
            }
        }

        return given;
    }

    private static void Check(long total, IReadOnlyList<ShareClaim> claims)
    {
        ArgumentNullException.ThrowIfNull(claims);
        ArgumentOutOfRangeException.ThrowIfNegative(total);
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var claim in claims)
        {
            var problem =
                !names.Add(claim.Account) ? "is named twice"
                : claim.Guaranteed is not (>= 0 and <= 1) ? $"has a guarantee of {claim.Guaranteed}; 0 to 1 is allowed"
                : claim.Maximum is not (>= 0 and <= 1) || claim.Maximum < claim.Guaranteed ? $"has a maximum of {claim.Maximum}; its guarantee ({claim.Guaranteed}) to 1 is allowed"
                : claim.LendLimit is not (>= 0 and <= 1) ? $"has a lend limit of {claim.LendLimit}; 0 to 1 is allowed"
                : claim.Demand < 0 ? $"has a demand of {claim.Demand}; 0 or more is allowed"
                : null;
            if (problem is not null)
            {
                throw new ArgumentException($"Account \"{claim.Account}\" {problem}.", nameof(claims));
            }
        }
    }
}
