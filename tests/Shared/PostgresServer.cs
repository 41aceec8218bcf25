using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Orchestrator.Testing;

/// <summary>
/// A private PostgreSQL server on loopback, one per test process, started at first use. It trusts every user, has its data in a
/// temporary folder, and ends with the process, also when that is killed: its guardian shell waits for the end of its input.
/// </summary>
/// <remarks>Source shared by the test projects that need a database: link it and reference Npgsql.</remarks>
internal sealed class PostgresServer
{
    // The guardian makes the cluster, starts the server, says so, and cleans up when its input ends.
    private const string Guardian = """
        dir=$(mktemp -d "${TMPDIR:-/tmp}/orchestrator-pg.XXXXXX") || exit 1
        trap 'rm -rf "$dir"' EXIT
        cd "$dir"
        "$BIN/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync >"$dir/log" 2>&1 || { cat "$dir/log"; exit 1; }
        "$BIN/postgres" -D "$dir/data" -p "$PORT" -c listen_addresses=127.0.0.1 -c "unix_socket_directories=$dir" \
            -c fsync=off -c max_connections=200 >"$dir/log" 2>&1 </dev/null &
        server=$!
        until "$BIN/pg_isready" -q -h 127.0.0.1 -p "$PORT"; do
            kill -0 "$server" 2>/dev/null || { cat "$dir/log"; exit 1; }
            sleep 0.05
        done
        echo ready
        cat >/dev/null
        kill -INT "$server"
        wait "$server"
        """;

    private const int Attempts = 3;
    private static readonly SemaphoreSlim Gate = new(1, 1);
    private static PostgresServer? shared;
    private static int databases;

    private readonly Process guardian;
    private readonly string serverConnectionString;

    private PostgresServer(Process guardian, int port)
    {
        this.guardian = guardian;
        serverConnectionString = string.Create(CultureInfo.InvariantCulture, $"Host=127.0.0.1;Port={port};Username=postgres");
    }

    /// <summary>Why there can be no server here, or null.</summary>
    public static string? WhyMissing { get; } = FindWhyMissing();

    /// <summary>The folder of the server's programs, the newest version first; null when PostgreSQL is not installed.</summary>
    private static string? Programs { get; } = FindPrograms();

    /// <summary>The server of this test process. Skips the calling test, with the reason, where PostgreSQL is not installed.</summary>
    public static async Task<PostgresServer> GetAsync(CancellationToken cancellationToken = default)
    {
        Assert.SkipWhen(WhyMissing is not null, WhyMissing ?? "");
        await Gate.WaitAsync(cancellationToken);
        try
        {
            return shared ??= await StartAsync(cancellationToken);
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Creates an empty database and returns the connection string that leads to it.</summary>
    public async Task<string> CreateDatabaseAsync(CancellationToken cancellationToken = default)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await using var connection = new NpgsqlConnection($"{serverConnectionString};Database=postgres");
        await connection.OpenAsync(cancellationToken);
        await using var command = new NpgsqlCommand($"CREATE DATABASE {name}", connection);
        await command.ExecuteNonQueryAsync(cancellationToken);
        return $"{serverConnectionString};Database={name}";
    }

    private static async Task<PostgresServer> StartAsync(CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            // Another process may take the port between the question and the start: then another one is tried.
            var port = FreePort();
            var guardian = Process.Start(StartInfo(port)) ?? throw new InvalidOperationException("The shell that guards PostgreSQL does not start.");
            var said = new List<string>();
            while (await guardian.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
            {
                if (line == "ready")
                {
                    return new(guardian, port);
                }

                said.Add(line);
            }

            await guardian.WaitForExitAsync(cancellationToken);
            if (attempt == Attempts)
            {
                throw new InvalidOperationException($"PostgreSQL does not start: {string.Join(Environment.NewLine, said)}");
            }
        }
    }

    private static ProcessStartInfo StartInfo(int port)
    {
        // PostgreSQL refuses to run as root: the Debian package brings a user for it.
        string[] command = Environment.IsPrivilegedProcess
            ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "/bin/sh", "-c", Guardian]
            : ["/bin/sh", "-c", Guardian];
        var start = new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        start.Environment["BIN"] = Programs;
        start.Environment["PORT"] = port.ToString(CultureInfo.InvariantCulture);
        return start;
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static string? FindPrograms() => Directory.Exists("/usr/lib/postgresql")
        ? Directory.EnumerateDirectories("/usr/lib/postgresql")
            .Where(static version => int.TryParse(Path.GetFileName(version), CultureInfo.InvariantCulture, out _))
            .OrderByDescending(static version => int.Parse(Path.GetFileName(version), CultureInfo.InvariantCulture))
            .Select(static version => Path.Combine(version, "bin"))
            .FirstOrDefault(static folder => File.Exists(Path.Combine(folder, "postgres")) && File.Exists(Path.Combine(folder, "initdb")))
        : null;

    private static string? FindWhyMissing() =>
        OperatingSystem.IsWindows() ? "The tests start PostgreSQL by a POSIX shell."
        : FindPrograms() is null ? "PostgreSQL is not installed (Debian: apt-get install postgresql): nothing in /usr/lib/postgresql/*/bin."
        : null;
}
