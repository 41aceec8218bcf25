using Orchestrator.Grains.Tests.Hosting;

namespace Orchestrator.Grains.Tests.Effects;

public sealed class EffectPumpTests(EffectPumpTests.Post post) : IClassFixture<EffectPumpTests.Post>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan BackoffFirst = TimeSpan.FromMilliseconds(100);

    [Fact]
    public async Task Effects_of_a_lane_are_done_in_order_one_at_a_time()
    {
        var (grain, office) = await post.OpenAsync();
        var gate = new TaskCompletionSource();
        office.Plan("one", () => gate.Task);

        await grain.OweAsync("a", "one");
        await grain.OweAsync("a", "two");
        (await office.NextAsync()).ShouldBe("one");
        (await grain.SentAsync()).ShouldBeEmpty();
        gate.SetResult();

        (await office.NextAsync()).ShouldBe("a:one done");
        (await office.NextAsync()).ShouldBe("two");
        (await office.NextAsync()).ShouldBe("a:two done");
        (await grain.SentAsync()).ShouldBe(["a:one", "a:two"]);
    }

    [Fact]
    public async Task A_peer_that_never_answers_holds_up_neither_other_lanes_nor_calls()
    {
        var (grain, office) = await post.OpenAsync();
        office.Plan("lost", static () => new TaskCompletionSource().Task);

        await grain.OweAsync("dead", "lost");
        (await office.NextAsync()).ShouldBe("lost");
        await grain.OweAsync("alive", "found");
        (await office.NextAsync()).ShouldBe("found");
        (await office.NextAsync()).ShouldBe("alive:found done");

        (await grain.SentAsync()).ShouldBe(["alive:found"]);
        post.World.Clock.Advance(Deadline);
        await post.World.Clock.ArmedAsync(BackoffFirst);
        post.World.Clock.Advance(BackoffFirst);
        (await office.NextAsync()).ShouldBe("lost");
        (await office.NextAsync()).ShouldBe("dead:lost done");
    }

    [Fact]
    public async Task What_fails_is_tried_again_after_a_wait_that_doubles()
    {
        var (grain, office) = await post.OpenAsync();
        office.Plan("late", Fail, Fail, Fail);

        await grain.OweAsync("a", "late");
        for (var wait = BackoffFirst; wait <= BackoffFirst * 4; wait *= 2)
        {
            (await office.NextAsync()).ShouldBe("late");
            await post.World.Clock.ArmedAsync(wait);
            post.World.Clock.Advance(wait);
        }

        (await office.NextAsync()).ShouldBe("late");
        (await office.NextAsync()).ShouldBe("a:late done");
        static Task Fail() => Task.FromException(new IOException("The post office burns."));
    }

    [Fact]
    public async Task What_came_back_and_could_not_be_stored_is_done_again()
    {
        var (grain, office) = await post.OpenAsync();
        var gate = new TaskCompletionSource();
        office.Plan("one", () => gate.Task);

        await grain.OweAsync("a", "one");
        (await office.NextAsync()).ShouldBe("one");
        post.World.Faults.FailNext(StorageFaults.GrainState);
        gate.SetResult();
        await post.World.Clock.ArmedAsync(BackoffFirst);
        post.World.Clock.Advance(BackoffFirst);

        (await office.NextAsync()).ShouldBe("one");
        (await office.NextAsync()).ShouldBe("a:one done");
        (await grain.SentAsync()).ShouldBe(["a:one"]);
    }

    [Fact]
    public async Task A_new_activation_does_what_the_old_one_owed()
    {
        var (grain, office) = await post.OpenAsync();
        office.Plan("one", static () => new TaskCompletionSource().Task);

        await grain.OweAsync("a", "one");
        (await office.NextAsync()).ShouldBe("one");
        await grain.LeaveAsync();
        (await grain.SentAsync()).ShouldBeEmpty();

        (await office.NextAsync()).ShouldBe("one");
        (await office.NextAsync()).ShouldBe("a:one done");
        (await grain.SentAsync()).ShouldBe(["a:one"]);
    }

    [Fact]
    public async Task What_a_killed_silo_owed_is_done_by_another()
    {
        await using var world = await GrainWorld.StartAsync();
        var office = world.Share<PostOffice>();
        var grain = world.Grains.GetGrain<IPumpGrain>(world.NewKey('t'));
        office.Plan("one", static () => new TaskCompletionSource().Task);

        await grain.OweAsync("a", "one");
        (await office.NextAsync()).ShouldBe("one");
        await world.KillSiloOfAsync(grain);
        (await grain.SentAsync()).ShouldBeEmpty();

        (await office.NextAsync()).ShouldBe("one");
        (await office.NextAsync()).ShouldBe("a:one done");
    }

    public sealed class Post : IAsyncLifetime
    {
        internal GrainWorld World { get; private set; } = null!;

        public async ValueTask InitializeAsync() => World = await GrainWorld.StartAsync();

        public async ValueTask DisposeAsync() => await World.DisposeAsync();

        internal Task<(IPumpGrain Grain, PostOffice Office)> OpenAsync()
        {
            World.Shared.Clear();
            return Task.FromResult((World.Grains.GetGrain<IPumpGrain>(World.NewKey('t')), World.Share<PostOffice>()));
        }
    }
}
