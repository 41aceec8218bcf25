using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Orleans.Runtime;

namespace Orleans.TestingHost;

/// <summary>A silo of a test cluster.</summary>
public abstract class SiloHandle : IDisposable, IAsyncDisposable
{
    /// <summary>What the cluster is made of.</summary>
    public TestClusterOptions? ClusterOptions { get; set; }

    /// <summary>Its number, counted from 0.</summary>
    public short InstanceNumber { get; set; }

    /// <summary>Its name.</summary>
    public string Name { get; set; } = "";

    /// <summary>Its address.</summary>
    public SiloAddress SiloAddress { get; set; } = null!;

    /// <summary>The address of its gateway.</summary>
    public SiloAddress GatewayAddress { get; set; } = null!;

    /// <summary>Whether it was neither stopped nor killed.</summary>
    public abstract bool IsActive { get; }

    /// <summary>Stops the silo: gracefully, or as a crash would.</summary>
    public abstract Task StopSiloAsync(bool stopGracefully);

    /// <summary>Stops the silo, gracefully until the token is cancelled.</summary>
    public abstract Task StopSiloAsync(CancellationToken ct);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <inheritdoc/>
    public override string ToString() => SiloAddress?.ToString() ?? Name;

    /// <summary>Stops the silo if it still runs.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing && IsActive)
        {
            StopSiloAsync(true).GetAwaiter().GetResult();
        }
    }
}

/// <summary>A silo in this process.</summary>
public class InProcessSiloHandle : SiloHandle
{
    private bool isActive = true;
    private bool isDisposed;

    /// <summary>The silo's host.</summary>
    public IHost SiloHost { get; init; } = null!;

    /// <summary>The silo's services.</summary>
    public IServiceProvider ServiceProvider => SiloHost.Services;

    /// <inheritdoc/>
    public override bool IsActive => isActive;

    /// <summary>Makes and starts a silo.</summary>
    public static async Task<InProcessSiloHandle> CreateAsync(string siloName, IConfiguration configuration, Action<IHostBuilder>? postConfigureHostBuilder = null)
    {
        var host = TestClusterHostFactory.CreateSiloHost(siloName, configuration, postConfigureHostBuilder);
        try
        {
            await host.StartAsync().ConfigureAwait(false);
        }
        catch
        {
            host.Dispose();
            throw;
        }

        var details = host.Services.GetRequiredService<ILocalSiloDetails>();
        return new() { Name = siloName, SiloHost = host, SiloAddress = details.SiloAddress, GatewayAddress = details.GatewayAddress };
    }

    /// <inheritdoc/>
    public override Task StopSiloAsync(bool stopGracefully) => StopSiloAsync(new CancellationToken(canceled: !stopGracefully));

    /// <inheritdoc/>
    public override async Task StopSiloAsync(CancellationToken ct)
    {
        if (isActive)
        {
            isActive = false;
            await SiloHost.StopAsync(ct).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public override async ValueTask DisposeAsync()
    {
        if (!isDisposed)
        {
            isDisposed = true;
            try
            {
                await StopSiloAsync(true).ConfigureAwait(false);
            }
            finally
            {
                await DisposeHostAsync(SiloHost).ConfigureAwait(false);
            }
        }

        GC.SuppressFinalize(this);
    }

    internal static async ValueTask DisposeHostAsync(IHost host)
    {
        if (host is IAsyncDisposable asynchronous)
        {
            await asynchronous.DisposeAsync().ConfigureAwait(false);
        }
        else
        {
            host.Dispose();
        }
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            DisposeAsync().AsTask().GetAwaiter().GetResult();
        }

        base.Dispose(disposing);
    }
}
