using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Abstractions.Access;
using Orchestrator.Abstractions.Accounts;
using Orchestrator.Abstractions.Clusters;
using Orchestrator.Abstractions.Scenarios;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ids;
using Orchestrator.Core.Scenarios;
using Orchestrator.Core.Scheduling.Reservations;
using Orchestrator.Grains.Access;
using Orchestrator.Grains.Faults;
using Orchestrator.Grains.Tests.Hosting;
using Orleans.Runtime;

namespace Orchestrator.Grains.Tests.Access;

public sealed class AccessTests(WorldsFixture worlds) : IClassFixture<WorldsFixture>, IDisposable
{
    private static readonly Dictionary<string, string?> Strict = new()
    {
        ["Orchestrator:Access:RequireToken"] = "true",
        ["Orchestrator:Access:TokenCache"] = "00:00:00",
    };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => RequestContext.Clear();

    [Fact]
    public async Task A_client_without_a_token_is_refused_whatever_it_says_of_itself()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        RequestContext.Set(CallerKeys.Principal, CallerContext.System);

        var denied = await Should.ThrowAsync<AccessDeniedException>(() => world.Grains.GetGrain<IAccountGrain>(world.NewKey('p')).GetAsync(Token));

        denied.Call.ShouldBe("IAccountGrain.GetAsync");
        denied.IsTransient.ShouldBeFalse();
    }

    [Theory]
    [InlineData("wrong secret")]
    [InlineData("unknown id")]
    [InlineData("revoked")]
    [InlineData("expired")]
    [InlineData("malformed")]
    public async Task A_token_that_is_no_good_is_refused(string fault)
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        var id = await CreateTokenAsync(world, Role.Administrator, expired: fault == "expired");
        if (fault == "revoked")
        {
            await Tokens(world).RevokeAsync(id, TimeProvider.System.GetUtcNow(), Token);
        }

        RequestContext.Set(CallerKeys.Token, fault switch { "wrong secret" => $"{id}.guess", "unknown id" => "t999.secret", "malformed" => "secret", _ => $"{id}.secret" });

        await Should.ThrowAsync<AccessDeniedException>(() => world.Grains.GetGrain<IAccountGrain>(world.NewKey('p')).GetAsync(Token));
    }

    [Fact]
    public async Task A_viewer_reads_and_changes_nothing()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        RequestContext.Set(CallerKeys.Token, $"{await CreateTokenAsync(world, Role.Viewer)}.secret");
        var grain = world.Grains.GetGrain<IScenarioGrain>(world.NewKey('o'));

        (await grain.GetAsync(Token)).ShouldBeNull();
        var denied = await Should.ThrowAsync<AccessDeniedException>(() => grain.DefineAsync(new() { Id = new ScenarioId(grain.GetPrimaryKeyString()) }, Token));

        denied.Needed.ShouldBe(Role.Submitter);
        (await grain.GetAsync(Token)).ShouldBeNull();
    }

    [Fact]
    public async Task What_the_gateway_says_of_its_caller_counts_and_without_it_there_is_no_call()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        var grain = world.Inside.GetGrain<IScenarioGrain>(world.NewKey('o'));

        await Should.ThrowAsync<AccessDeniedException>(() => grain.GetAsync(Token));
        CallerContext.Set(new Principal { User = "ada", Role = Role.Submitter });

        (await grain.DefineAsync(new ScenarioDefinition { Id = new ScenarioId(grain.GetPrimaryKeyString()), Owner = new() { User = "ada" } }, Token)).Variants.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_set_of_scenarios_is_defined_again_by_its_owner_and_by_no_stranger()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        var grain = world.Inside.GetGrain<IScenarioGrain>(world.NewKey('o'));
        var sam = new Principal { Institution = "lab", User = "sam", Projects = ["heat"], Role = Role.Submitter };
        var definition = new ScenarioDefinition { Id = new ScenarioId(grain.GetPrimaryKeyString()), Owner = new() { Institution = "lab", Project = "heat", User = "sam" } };
        CallerContext.Set(sam);
        await grain.DefineAsync(definition, Token);

        CallerContext.Set(new Principal { Institution = "other", User = "stan", Role = Role.Administrator });
        (await Should.ThrowAsync<AccessDeniedException>(() => grain.DefineAsync(definition with { Metric = "mine", Owner = new() { Institution = "other", Project = "heat", User = "stan" } }, Token))).Message.ShouldContain("another name is allowed");
        CallerContext.Set(sam with { User = "cora" });
        await Should.ThrowAsync<AccessDeniedException>(() => grain.DefineAsync(definition with { Metric = "mine" }, Token));

        CallerContext.Set(sam);
        (await grain.GetAsync(Token)).ShouldNotBeNull().Definition.Metric.ShouldBeNull();
        (await grain.DefineAsync(definition with { Metric = "tas" }, Token)).Definition.Metric.ShouldBe("tas");
    }

    [Fact]
    public async Task A_submitter_tells_a_cluster_nothing_of_leases_and_arranges_within_his_limits()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        var cluster = world.Inside.GetGrain<IClusterGrain>(world.NewKey('k'));
        var sam = new Principal { Institution = "lab", User = "sam", Projects = ["heat"], Role = Role.Submitter };
        CallerContext.Set(sam);
        var attempt = new AttemptId(new("s-foreign"), "run", 1);

        (await Should.ThrowAsync<AccessDeniedException>(() => cluster.ReleaseAsync(attempt, Token))).Needed.ShouldBe(Role.Administrator);
        (await Should.ThrowAsync<AccessDeniedException>(() => cluster.ReadLeaseAsync(attempt, DateTimeOffset.MaxValue, Token))).Needed.ShouldBe(Role.Administrator);
        (await Should.ThrowAsync<AccessDeniedException>(() => cluster.RequestAsync(new() { Attempt = attempt }, Token))).Needed.ShouldBe(Role.Administrator);

        var start = world.Clock.GetUtcNow().AddDays(1);
        var course = new Reservation { Id = "course", Start = start, End = start.AddDays(30), Owner = new() { Institution = "lab", Project = "heat", User = "sam" } };
        (await cluster.RequestReservationAsync(course, Token)).Problem.ShouldStartWith("end: it lasts 30 days; up to 7 days");
        (await cluster.SetPriorityAsync(new() { Target = "s-foreign", Value = 1 }, Token)).Problem.ShouldStartWith("target:");

        CallerContext.Set(sam with { Role = Role.Operator });
        (await cluster.SetPriorityAsync(new() { Target = "s-foreign", Value = 1 }, Token)).Accepted.ShouldBeTrue();
        (await cluster.RequestReservationAsync(course, Token)).Problem.ShouldNotStartWith("end:");

        // Another institution may have a user of that name, and operators of its own.
        CallerContext.Set(sam with { Institution = "other", Projects = [] });
        (await cluster.CancelReservationAsync("course", "", Token)).Problem.ShouldBe("id: there is no reservation \"course\".");
        CallerContext.Set(new Principal { Institution = "other", User = "olga", Role = Role.Operator });
        (await cluster.CompleteReservationAsync("course", Token)).Problem.ShouldBe("id: there is no reservation \"course\".");
    }

    [Fact]
    public async Task What_a_grain_throws_and_nobody_can_read_comes_as_a_fault_that_says_what_it_was()
    {
        var world = await worlds.OverAsync(Over.Sqlite, Strict);
        CallerContext.Set(CallerContext.System);
        var grain = world.Inside.GetGrain<IScenarioGrain>(world.NewKey('o'));

        var fault = await Should.ThrowAsync<GrainFaultException>(() => grain.DefineAsync(new() { Id = new ScenarioId("o-another") }, Token));

        fault.Fault.ShouldBe("System.ArgumentException");
        fault.Call.ShouldBe("IScenarioGrain.DefineAsync");
        fault.Message.ShouldContain("o-another");
    }

    private static ITokenStore Tokens(GrainWorld world) => world.Cluster.GetSiloServiceProvider().GetRequiredService<ITokenStore>();

    private static async Task<string> CreateTokenAsync(GrainWorld world, Role role, bool expired = false)
    {
        var id = world.NewKey('t');
        await Tokens(world).CreateAsync(
            new TokenRecord
            {
                TokenId = id,
                SecretHash = TokenVerifier.HashOf("secret"),
                User = "ada",
                Role = role.ToString(),
                CreatedAt = TimeProvider.System.GetUtcNow(),
                ExpiresAt = expired ? TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(1) : null,
            },
            Token);
        return id;
    }
}
