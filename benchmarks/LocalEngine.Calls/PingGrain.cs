namespace LocalEngine.Calls;

/// <summary>A grain that does nothing but answer.</summary>
[Alias("benchmark.ping")]
public interface IPingGrain : IGrainWithIntegerKey
{
    /// <summary>Answers with what it was given.</summary>
    [Alias("ping")]
    Task<int> PingAsync(int value);
}

/// <inheritdoc cref="IPingGrain" />
[GrainType("ping")]
public sealed class PingGrain : Grain, IPingGrain
{
    /// <inheritdoc />
    public Task<int> PingAsync(int value) => Task.FromResult(value);
}
