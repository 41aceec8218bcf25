using System.Collections.Immutable;
using Orchestrator.Core.Failures;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Whole;

/// <summary>
/// A machine that everybody wants more of than there is, planned by the whole scheduler and by the default policy: order, backfill, admission, placement. What each gets over time is in
/// proportion to its importance.
/// </summary>
public sealed class SaturationTests(ITestOutputHelper output)
{
    private const int NodeCount = 12;
    private const int Cores = 4;
    private static readonly TimeSpan WarmUp = TimeSpan.FromDays(4);
    private static readonly TimeSpan Measured = TimeSpan.FromDays(16);

    [Fact]
    public void Two_accounts_with_shares_of_3_to_1_use_the_machine_3_to_1_within_5_percent()
    {
        var used = Play([new("lab", "red", "ada", 0.75), new("lab", "blue", "bob", 0.25)], new() { ["p-lab.red"] = new() { Shares = 3 }, ["p-lab.blue"] = new() { Shares = 1 } });

        used.ShouldAllBe(static pair => Math.Abs(pair.Value - pair.Key.Part) <= 0.05 * pair.Key.Part);
    }

    [Fact]
    public void Institutions_projects_and_users_each_get_their_part_of_what_is_above_them_within_5_percent()
    {
        Member[] members =
        [
            new("eth", "climate", "ada", 2.0 / 3 * 0.75 * 0.75), new("eth", "climate", "bob", 2.0 / 3 * 0.75 * 0.25), new("eth", "ocean", "eve", 2.0 / 3 * 0.25),
            new("mit", "ice", "sam", 1.0 / 3 * 0.5), new("mit", "ice", "tom", 1.0 / 3 * 0.5),
        ];
        var used = Play(
            members,
            new()
            {
                ["p-eth.climate"] = new() { Shares = 3, Users = ImmutableSortedDictionary<string, double>.Empty.Add("ada", 3).Add("bob", 1), Institution = "eth" },
                ["p-eth.ocean"] = new() { Shares = 1, Institution = "eth" },
                ["p-mit.ice"] = new() { Institution = "mit" },
            },
            new() { ["eth"] = 2, ["mit"] = 1 });

        foreach (var institution in used.GroupBy(static pair => pair.Key.Institution))
        {
            Close(institution.Sum(static pair => pair.Value), institution.Sum(static pair => pair.Key.Part), institution.Key);
            foreach (var project in institution.GroupBy(static pair => pair.Key.Project))
            {
                Close(project.Sum(static pair => pair.Value), project.Sum(static pair => pair.Key.Part), project.Key);
            }
        }

        used.ShouldAllBe(static pair => Math.Abs(pair.Value - pair.Key.Part) <= 0.05 * pair.Key.Part);

        static void Close(double is_, double should, string name) => Math.Abs(is_ - should).ShouldBeLessThanOrEqualTo(0.05 * should, name);
    }

    /// <summary>A project of the least importance is not starved by others that always want everything.</summary>
    [Fact]
    public void A_project_with_a_hundredth_of_the_shares_still_gets_its_part()
    {
        var used = Play([new("lab", "red", "ada", 0.99), new("lab", "blue", "bob", 0.01)], new() { ["p-lab.red"] = new() { Shares = 99 }, ["p-lab.blue"] = new() { Shares = 1 } });

        used.Single(static pair => pair.Key.User == "bob").Value.ShouldBeInRange(0.004, 0.03);
    }

    /// <summary>The part of all used core-seconds that each got, after the warm-up.</summary>
    private Dictionary<Member, double> Play(Member[] members, Dictionary<string, AccountStanding> accounts, Dictionary<string, double>? institutions = null)
    {
        var random = new SeededRandom(5, "saturation");
        var settings = new SchedulingSettings { Order = new() { UsageHalfLife = TimeSpan.FromDays(2) } };
        var workspace = new SchedulingWorkspace(settings, SchedulerParts.Default with { Preemption = null, Power = null });
        for (var number = 1; number <= NodeCount; number++)
        {
            workspace.SetNode(Make.Node(number, Cores));
        }

        var ends = new PriorityQueue<(AttemptId Attempt, Member Owner, int Cores, DateTimeOffset From), (DateTimeOffset At, string Tie)>();
        var requests = new Dictionary<AttemptId, (PendingRequest Request, Member Owner, TimeSpan Takes)>();
        var running = new Dictionary<AttemptId, (Member Owner, int Cores, DateTimeOffset From)>();
        var usage = members.ToDictionary(static member => member, static _ => 0.0);
        var used = members.ToDictionary(static member => member, static _ => 0.0);
        var (now, countedAt, count) = (Make.Now, Make.Now, 0);
        foreach (var member in members)
        {
            for (var waiting = 0; waiting < 30; waiting++)
            {
                Submit(member);
            }
        }

        while (now < Make.Now + WarmUp + Measured)
        {
            Count();
            workspace.SetContext(workspace.Context with
            {
                Institutions = (institutions ?? []).ToImmutableSortedDictionary(StringComparer.Ordinal),
                Accounts = accounts.ToImmutableSortedDictionary(
                    static pair => pair.Key,
                    pair => pair.Value with
                    {
                        UsageAt = now,
                        Usage = members.Where(member => member.Account == pair.Key).ToImmutableSortedDictionary(static member => member.User, member => usage[member], StringComparer.Ordinal),
                    },
                    StringComparer.Ordinal),
            });
            foreach (var placement in workspace.Plan(now).Placements)
            {
                var (request, owner, takes) = requests[placement.Attempt];
                requests.Remove(placement.Attempt);
                running.Add(placement.Attempt, (owner, request.Resources.Threads, now));
                ends.Enqueue((placement.Attempt, owner, request.Resources.Threads, now), (now + takes, placement.Attempt.ToString()));
                workspace.SetRunning(new() { Attempt = placement.Attempt, Shares = placement.Shares, Resources = request.Resources, Priority = request.Priority, Owner = request.Owner, StartedAt = now, EndsBy = now + request.DurationEstimate });
                Submit(owner);
            }

            // What ends within some minutes is planned together.
            ends.TryPeek(out _, out var next).ShouldBeTrue("somebody runs");
            now = next.At + TimeSpan.FromMinutes(5);
            while (ends.TryPeek(out _, out next) && next.At <= now)
            {
                var ended = ends.Dequeue();
                Count();
                running.Remove(ended.Attempt);
                workspace.End(ended.Attempt);
            }
        }

        var all = used.Values.Sum();
        foreach (var (member, seconds) in used)
        {
            output.WriteLine($"{member.Account} {member.User}: {seconds / all:0.0000} of {member.Part:0.0000}");
        }

        (all / (NodeCount * Cores * Measured.TotalSeconds)).ShouldBeGreaterThan(0.95, "the machine is full");
        return used.ToDictionary(static pair => pair.Key, pair => pair.Value / all);

        void Submit(Member member)
        {
            var cores = 1 + random.Below(2);
            var takes = TimeSpan.FromHours(1 + (3 * random.Next()));
            var request = Make.Request(++count, new() { Threads = cores }) with
            {
                Owner = new() { Institution = member.Institution, Project = member.Project, User = member.User, Account = new AccountId(member.Account) },
                DurationEstimate = takes * (1 + random.Next()),
                QueuedSince = now,
            };
            requests.Add(request.Attempt, (request, member, takes));
            workspace.Enqueue(request);
        }

        void Count()
        {
            var decay = Math.Pow(0.5, (now - countedAt) / settings.Order.UsageHalfLife);
            foreach (var member in members)
            {
                usage[member] *= decay;
            }

            foreach (var (owner, cores, from) in running.Values)
            {
                var seconds = cores * (now - countedAt).TotalSeconds;
                usage[owner] += seconds;
                used[owner] += now > Make.Now + WarmUp ? seconds : 0;
            }

            countedAt = now;
        }
    }

    private sealed record Member(string Institution, string Project, string User, double Part)
    {
        public string Account => $"p-{Institution}.{Project}";
    }
}
