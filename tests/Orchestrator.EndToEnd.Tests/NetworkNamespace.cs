using System.Diagnostics;
using System.Globalization;
using System.Net;

namespace Orchestrator.EndToEnd.Tests;

/// <summary>A network of its own, with one cable to this machine that can swallow everything. Disposing takes it away.</summary>
internal sealed class NetworkNamespace : IDisposable
{
    private readonly string outside;

    private NetworkNamespace(string name, string outside, IPAddress address) => (Name, this.outside, Outside) = (name, outside, address);

    public string Name { get; }

    /// <summary>This machine, as it is seen from inside.</summary>
    public IPAddress Outside { get; }

    /// <summary>Skips the test where networks may not be made.</summary>
    public static async Task<NetworkNamespace> CreateAsync(CancellationToken cancellationToken)
    {
        var id = Environment.ProcessId;
        var (name, outside, inside) = (string.Create(CultureInfo.InvariantCulture, $"orchestrator-{id}"), string.Create(CultureInfo.InvariantCulture, $"o{id}a"), string.Create(CultureInfo.InvariantCulture, $"o{id}b"));
        var network = string.Create(CultureInfo.InvariantCulture, $"10.{200 + (id % 50)}.{id / 50 % 250}");
        Assert.SkipUnless(OperatingSystem.IsLinux() && await TryAsync(["netns", "add", name], cancellationToken), "Networks may not be made here.");
        var made = new NetworkNamespace(name, outside, IPAddress.Parse($"{network}.1"));
        string[][] commands =
        [
            ["link", "add", outside, "type", "veth", "peer", "name", inside], ["link", "set", inside, "netns", name],
            ["addr", "add", $"{network}.1/30", "dev", outside], ["link", "set", outside, "up"],
            ["-n", name, "addr", "add", $"{network}.2/30", "dev", inside], ["-n", name, "link", "set", inside, "up"], ["-n", name, "link", "set", "lo", "up"],
        ];
        foreach (var command in commands)
        {
            if (!await TryAsync(command, cancellationToken))
            {
                made.Dispose();
                Assert.Skip($"Networks may not be made here: ip {string.Join(' ', command)}");
            }
        }

        return made;
    }

    /// <summary>From now on packets vanish, on their way in and out, and nobody is told.</summary>
    public async Task SwallowAsync(CancellationToken cancellationToken) => (await TryAsync(["link", "set", outside, "down"], cancellationToken)).ShouldBeTrue();

    public async Task PassAsync(CancellationToken cancellationToken) => (await TryAsync(["link", "set", outside, "up"], cancellationToken)).ShouldBeTrue();

    public void Dispose()
    {
        foreach (var command in (string[][])[["link", "del", outside], ["netns", "del", Name]])
        {
            using var process = Process.Start(new ProcessStartInfo("ip", command) { RedirectStandardError = true });
            process?.WaitForExit();
        }
    }

    private static async Task<bool> TryAsync(string[] arguments, CancellationToken cancellationToken)
    {
        try
        {
            using var process = Process.Start(new ProcessStartInfo("ip", arguments) { RedirectStandardError = true })!;
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }
}
