using Orleans.Runtime;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace LocalEngine.Tests.Engine;

[GenerateSerializer, Immutable, Alias("test.news")]
public sealed record News
{
    [Id(0)] public int Number { get; init; }
}

[Alias("test.reader-grain")]
public interface IReaderGrain : IGrainWithStringKey
{
    [Alias("awake")]
    Task AwakeAsync();

    [Alias("leave")]
    Task LeaveAsync();
}

[GrainType("reader"), ImplicitStreamSubscription("test-news")]
public sealed class ReaderGrain(Probe probe) : Grain, IReaderGrain, IStreamSubscriptionObserver, IAsyncObserver<News>
{
    private static int failuresLeft = 2;

    public Task AwakeAsync() => Task.CompletedTask;

    public Task LeaveAsync()
    {
        DeactivateOnIdle();
        return Task.CompletedTask;
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory)
    {
        probe.Say($"subscribed {handleFactory.StreamId}");
        return handleFactory.Create<News>().ResumeAsync(this);
    }

    public Task OnNextAsync(News item, StreamSequenceToken? token = null)
    {
        if (this.GetPrimaryKeyString() == "s-failing" && Interlocked.Decrement(ref failuresLeft) >= 0)
        {
            probe.Say($"refused {item.Number}");
            throw new RefusedException("not yet");
        }

        probe.Say($"{this.GetPrimaryKeyString()} read {item.Number}");
        return Task.CompletedTask;
    }

    public Task OnCompletedAsync() => Task.CompletedTask;

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;
}

[Alias("test.writer-grain")]
public interface IWriterGrain : IGrainWithStringKey
{
    [Alias("write")]
    Task WriteAsync(string space, string key, int number);

    [Alias("follow")]
    Task FollowAsync(string space, string key);

    [Alias("unfollow")]
    Task UnfollowAsync(string space, string key);
}

[GrainType("writer")]
public sealed class WriterGrain(Probe probe) : Grain, IWriterGrain
{
    public Task WriteAsync(string space, string key, int number) => Stream(space, key).OnNextAsync(new News { Number = number });

    public async Task FollowAsync(string space, string key) => await Stream(space, key).SubscribeAsync((item, _) =>
    {
        probe.Say($"{this.GetPrimaryKeyString()} followed {item.Number}");
        return Task.CompletedTask;
    });

    public async Task UnfollowAsync(string space, string key)
    {
        foreach (var handle in await Stream(space, key).GetAllSubscriptionHandles())
        {
            await handle.UnsubscribeAsync();
        }
    }

    private IAsyncStream<News> Stream(string space, string key) => this.GetStreamProvider("test").GetStream<News>(StreamId.Create(space, key));
}
