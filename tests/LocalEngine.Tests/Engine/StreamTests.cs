using Orleans.Hosting;

namespace LocalEngine.Tests.Engine;

/// <summary>Events reach their consumers in order, after a failure too.</summary>
public sealed class StreamTests
{
    [Fact]
    public async Task The_grain_of_the_key_takes_the_events_in_order()
    {
        await using var silo = await StartAsync();
        var writer = silo.Grains.GetGrain<IWriterGrain>("s-w");

        for (var number = 1; number <= 20; number++)
        {
            await writer.WriteAsync("test-news", "s-1", number);
        }

        (await silo.Probe.NextAsync()).ShouldBe("subscribed test-news/s-1");
        for (var number = 1; number <= 20; number++)
        {
            (await silo.Probe.NextAsync()).ShouldBe($"s-1 read {number}");
        }
    }

    [Fact]
    public async Task A_subscription_outlives_the_activation()
    {
        await using var silo = await StartAsync();
        var writer = silo.Grains.GetGrain<IWriterGrain>("s-w");
        await writer.WriteAsync("test-news", "s-1", 1);
        (await silo.Probe.NextAsync()).ShouldBe("subscribed test-news/s-1");
        (await silo.Probe.NextAsync()).ShouldBe("s-1 read 1");

        await silo.Grains.GetGrain<IReaderGrain>("s-1").LeaveAsync();
        await writer.WriteAsync("test-news", "s-1", 2);

        (await silo.Probe.NextAsync()).ShouldBe("subscribed test-news/s-1");
        (await silo.Probe.NextAsync()).ShouldBe("s-1 read 2");
    }

    [Fact]
    public async Task An_event_that_was_refused_comes_again_before_the_next()
    {
        await using var silo = await StartAsync();
        var writer = silo.Grains.GetGrain<IWriterGrain>("s-w");

        await writer.WriteAsync("test-news", "s-failing", 1);
        await writer.WriteAsync("test-news", "s-failing", 2);

        (await silo.Probe.NextAsync()).ShouldBe("subscribed test-news/s-failing");
        (await silo.Probe.NextAsync()).ShouldBe("refused 1");
        (await silo.Probe.NextAsync()).ShouldBe("refused 1");
        (await silo.Probe.NextAsync()).ShouldBe("s-failing read 1");
        (await silo.Probe.NextAsync()).ShouldBe("s-failing read 2");
    }

    [Fact]
    public async Task A_grain_follows_a_stream_until_it_unsubscribes()
    {
        await using var silo = await StartAsync();
        var writer = silo.Grains.GetGrain<IWriterGrain>("s-w");
        var follower = silo.Grains.GetGrain<IWriterGrain>("s-f");

        await follower.FollowAsync("other-news", "s-1");
        await writer.WriteAsync("other-news", "s-1", 1);
        (await silo.Probe.NextAsync()).ShouldBe("s-f followed 1");
        await follower.UnfollowAsync("other-news", "s-1");
        await writer.WriteAsync("other-news", "s-1", 2);
        await follower.FollowAsync("other-news", "s-1");
        await writer.WriteAsync("other-news", "s-1", 3);

        (await silo.Probe.NextAsync()).ShouldBe("s-f followed 3");
    }

    private static Task<Silo> StartAsync() => Silo.StartAsync(static builder => builder.AddMemoryStreams("test").AddMemoryGrainStorage("PubSubStore"));
}
