using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scheduling;
using Orchestrator.Core.Scheduling.Order;
using Orchestrator.Core.Scheduling.Shares;

namespace Orchestrator.Core.Tests.Scheduling.Order;

public sealed class FairShareTests
{
    [Fact]
    public void One_plan_that_fills_an_empty_machine_shares_it_three_to_one()
    {
        var pending = Enumerable.Range(0, 400).Select(number => Request(number, number % 2 == 0 ? "a" : "b")).ToArray();

        var first = View.Of(pending).With(Shares(("a", 3), ("b", 1))).Ranked().Take(100).ToArray();

        first.Count(ranked => ranked.Request.Owner.Project == "a").ShouldBe(75);
    }

    [Fact]
    public void Whose_branch_was_served_better_comes_after_everybody_of_the_other_branch()
    {
        // In the account that used more there is a user without any usage; in the one that used less there is one with much.
        var accounts = ImmutableSortedDictionary<string, AccountStanding>.Empty
            .Add("p-i.rich", new() { Usage = Usage(("busy", 1e9)), UsageAt = Make.Now })
            .Add("p-i.poor", new() { Usage = Usage(("busy", 1e7)), UsageAt = Make.Now });
        var view = View.Of(Request(1, "rich", "idle"), Request(2, "poor", "busy"), Request(3, "poor", "idle")).With(new SchedulingContext { Accounts = accounts });

        view.Turns().ShouldBe([3, 2, 1]);
    }

    [Fact]
    public void Usage_counts_half_after_a_half_life()
    {
        var half = new OrderSettings().UsageHalfLife;
        var accounts = ImmutableSortedDictionary<string, AccountStanding>.Empty
            .Add("p-i.old", new() { Usage = Usage(("u", 1.9e9)), UsageAt = Make.Now - half })
            .Add("p-i.new", new() { Usage = Usage(("u", 1e9)), UsageAt = Make.Now });
        var view = View.Of(Request(1, "new"), Request(2, "old")).With(new SchedulingContext { Accounts = accounts });

        view.Turns().ShouldBe([2, 1]);
        view.Turns(Make.Now + TimeSpan.FromDays(100)).ShouldBe([2, 1]);
    }

    [Fact]
    public void Work_that_runs_counts_although_no_account_has_counted_it_yet()
    {
        var running = new RunningLease
        {
            Attempt = Make.Attempt(9),
            Shares = [new() { Node = Make.Id(1), Cores = [0, 1] }],
            Owner = Owner("a", "u"),
            StartedAt = Make.Now,
            EndsBy = Make.Now + TimeSpan.FromHours(1),
        };
        var view = new View { Pending = [Request(1, "a"), Request(2, "b")], Running = [running] };

        view.Turns().ShouldBe([2, 1]);
    }

    [Fact]
    public void Institutions_share_before_their_accounts_do()
    {
        var pending = Enumerable.Range(0, 600).Select(number => Request(number, (number % 3) switch { 0 => "a", 1 => "b", _ => "c" })).ToArray();
        var accounts = ImmutableSortedDictionary<string, AccountStanding>.Empty
            .Add("p-i.a", new() { Institution = "one" })
            .Add("p-i.b", new() { Institution = "two" })
            .Add("p-i.c", new() { Institution = "two", Shares = 4 });
        var context = new SchedulingContext { Accounts = accounts, Institutions = ImmutableSortedDictionary<string, double>.Empty.Add("two", 1) };

        var first = View.Of(pending).With(context).Ranked().Take(100).CountBy(ranked => ranked.Request.Owner.Project).ToDictionary();

        first["a"].ShouldBe(50);
        first["c"].ShouldBe(40);
        first["b"].ShouldBe(10);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void At_saturation_core_time_is_proportional_to_importance_within_5_percent(int seed)
    {
        var random = new Random(seed);
        (string Name, double Shares)[] projects = seed == 1 ? [("a", 3), ("b", 1)] : [.. Enumerable.Range(0, 2 + random.Next(4)).Select(number => ($"q{number}", 1.0 + random.Next(8)))];

        var used = Saturate(random, projects, cores: 64, TimeSpan.FromDays(20));

        var (all, total) = (used.Values.Sum(), projects.Sum(project => project.Shares));
        foreach (var (name, shares) in projects)
        {
            (used[name] / all).ShouldBe(shares / total, 0.05 * shares / total, $"project {name} of seed {seed}");
        }
    }

    /// <summary>A machine of single cores that is always full: whoever is first in turn starts when a core is free, and submits again. Core-hours of each project.</summary>
    private static Dictionary<string, double> Saturate(Random random, (string Name, double Shares)[] projects, int cores, TimeSpan span)
    {
        var order = new MultifactorOrder();
        var number = 0;
        var now = Make.Now;
        var pending = new List<PendingRequest>();
        PendingRequest Submit(string project) => Request(++number, project) with { QueuedSince = now, DurationEstimate = TimeSpan.FromHours(1 + random.Next(24)) };
        foreach (var (name, _) in projects)
        {
            pending.AddRange(Enumerable.Range(0, 2 * cores).Select(_ => Submit(name)));
        }

        var running = new List<RunningLease>();
        var used = projects.ToDictionary(project => project.Name, static _ => 0.0);
        var counted = projects.ToDictionary(project => project.Name, static _ => 0.0);
        while (now < Make.Now + span)
        {
            foreach (var ended in running.Where(lease => lease.EndsBy <= now).ToArray())
            {
                running.Remove(ended);
                counted[ended.Owner.Project] += (now - ended.StartedAt).TotalSeconds;
            }

            // The decay of what was counted is left out here, as if all of it were new: what is wrong by that is less than what is asked for.
            var accounts = projects.ToImmutableSortedDictionary(
                project => $"p-i.{project.Name}",
                project => new AccountStanding { Shares = project.Shares, Usage = Usage(("u", counted[project.Name])), UsageAt = now });
            var ranked = order.Rank(new View { Pending = pending, Running = running, Context = new() { Accounts = accounts } }, now);
            foreach (var start in ranked.Take(cores - running.Count).Select(item => item.Request).ToArray())
            {
                pending.Remove(start);
                pending.Add(Submit(start.Owner.Project));
                var duration = start.DurationEstimate!.Value;
                used[start.Owner.Project] += duration.TotalHours;
                running.Add(new() { Attempt = start.Attempt, Owner = start.Owner, StartedAt = now, EndsBy = now + duration, Shares = [new() { Node = Make.Id(1), Cores = [0] }] });
            }

            now = running.Min(lease => lease.EndsBy!.Value);
        }

        return used;
    }

    private static SchedulingContext Shares(params (string Project, double Shares)[] projects) => new()
    {
        Accounts = projects.ToImmutableSortedDictionary(project => $"p-i.{project.Project}", project => new AccountStanding { Shares = project.Shares }),
    };

    private static ImmutableSortedDictionary<string, double> Usage(params (string User, double CoreSeconds)[] users) =>
        users.ToImmutableSortedDictionary(user => user.User, user => user.CoreSeconds);

    private static Ownership Owner(string project, string user) => new() { Institution = "i", Project = project, User = user, Account = new AccountId($"p-i.{project}") };

    private static PendingRequest Request(int number, string project, string user = "u") => new()
    {
        Attempt = Make.Attempt(number),
        SubmissionOrder = number,
        Owner = Owner(project, user),
        DurationEstimate = TimeSpan.FromHours(1),
        QueuedSince = Make.Now,
    };
}
