namespace Orleans.TestingHost;

/// <summary>Gives out the port numbers by which silos are told apart.</summary>
public interface ITestClusterPortAllocator : IDisposable
{
    /// <summary>The first of so many silo ports in a row, and the first of as many gateway ports.</summary>
    (int, int) AllocateConsecutivePortPairs(int numPorts);
}

/// <summary>Counts. Silos of the local engine listen on no port, so a number is only a name and no two clusters share one.</summary>
public class TestClusterPortAllocator : ITestClusterPortAllocator
{
    private const int FirstSiloPort = 10_000;
    private const int FirstGatewayPort = 40_000;
    private const int Range = 20_000;
    private static int allocated;

    /// <inheritdoc/>
    public (int, int) AllocateConsecutivePortPairs(int numPorts = 5)
    {
        var offset = (Interlocked.Add(ref allocated, numPorts) - numPorts) % Range;
        return (FirstSiloPort + offset, FirstGatewayPort + offset);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>There is nothing to give back.</summary>
    protected virtual void Dispose(bool disposing)
    {
    }
}
