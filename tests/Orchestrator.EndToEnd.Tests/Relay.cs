using System.Net;
using System.Net.Sockets;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A network that can be cut: passes TCP connections on to the gateway until it is cut, and again when it is mended.</summary>
internal sealed class Relay : IDisposable
{
    private readonly TcpListener listener;
    private readonly CancellationTokenSource ended = new();
    private readonly Lock gate = new();
    private readonly int target;
    private readonly Task accepting;
    private CancellationTokenSource cut = new();
    private bool isCut;

    /// <param name="target">The port of the gateway on this machine.</param>
    /// <param name="address">Where it listens; null: on this machine alone.</param>
    public Relay(int target, IPAddress? address = null)
    {
        this.target = target;
        address ??= IPAddress.Loopback;
        listener = new(address, 0);
        listener.Start();
        Url = new($"http://{address}:{((IPEndPoint)listener.LocalEndpoint).Port}");
        accepting = AcceptAsync();
    }

    public Uri Url { get; }

    /// <summary>Connections break, and new ones get no answer.</summary>
    public void Cut()
    {
        lock (gate)
        {
            isCut = true;
            cut.Cancel();
        }
    }

    public void Mend()
    {
        lock (gate)
        {
            isCut = false;
            cut.Dispose();
            cut = new();
        }
    }

    public void Dispose()
    {
        Cut();
        ended.Cancel();
        listener.Stop();
        accepting.Wait();
        listener.Dispose();
        cut.Dispose();
        ended.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await listener.AcceptTcpClientAsync(ended.Token);
                CancellationToken until;
                lock (gate)
                {
                    until = isCut ? new(canceled: true) : cut.Token;
                }

                _ = PassAsync(client, until);
            }
        }
        catch (Exception over) when (over is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }

    private async Task PassAsync(TcpClient client, CancellationToken until)
    {
        using (client)
        {
            using var gateway = new TcpClient();
            try
            {
                await gateway.ConnectAsync(IPAddress.Loopback, target, until);
                await Task.WhenAny(client.GetStream().CopyToAsync(gateway.GetStream(), until), gateway.GetStream().CopyToAsync(client.GetStream(), until));
            }
            catch (Exception broken) when (broken is IOException or SocketException or OperationCanceledException)
            {
                // Both ends see their connection close.
            }
        }
    }
}
