using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Hosting;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;
using Orchestrator.Core.Accounts;
using Orchestrator.Grains.Access;
using Orchestrator.Silo.Gateway;
using Orchestrator.Storage;

namespace Orchestrator.Silo;

/// <summary>Tells commands and agents where the gateway is: writes <c>gateway.json</c>, and <c>token</c> for TCP, once it answers; takes them back at an ordered end.</summary>
internal sealed class EndpointPublisher(
    SiloConfiguration configuration, SiloSettings settings, SiloIdentity identity, GatewaySocket socket, IServer server, ITokenStore tokens, TokenVerifier verifier, TimeProvider clock)
    : IHostedLifecycleService
{
    /// <summary>A silo that was refused the data directory removes nothing there.</summary>
    private bool isOurs;

    private string EndpointPath => Path.Combine(configuration.DataDirectory, EndpointFile.FileName);

    private string TokenPath => Path.Combine(configuration.DataDirectory, EndpointFile.TokenFileName);

    /// <summary>Null until the gateway answers.</summary>
    public EndpointFile? Endpoint { get; private set; }

    /// <summary>The database is open by now, and with it the data directory ours: what a silo that was killed left goes.</summary>
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        File.Delete(EndpointPath);
        SocketPlace.RemoveStale(socket.Path);
        isOurs = true;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StartedAsync(CancellationToken cancellationToken)
    {
        var url = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault(static address => !address.Contains("unix:", StringComparison.Ordinal));
        if (url is not null)
        {
            await WriteTokenAsync(cancellationToken);
        }

        Endpoint = new()
        {
            Socket = socket.Path,
            Url = url,
            ProcessId = Environment.ProcessId,
            StartedAt = identity.StartedAt,
            Version = identity.Version,
        };
        await WritePrivateAsync(EndpointPath, JsonSerializer.SerializeToUtf8Bytes(Endpoint, WireJson.Options), cancellationToken);
        settings.Started?.Invoke(Endpoint);
    }

    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (Endpoint is not null)
        {
            File.Delete(EndpointPath);
        }

        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        if (isOurs)
        {
            File.Delete(socket.Path);
        }

        return Task.CompletedTask;
    }

    /// <summary>The token of the local user is kept over restarts, so that agents on other machines, which have a copy, go on.</summary>
    private async Task WriteTokenAsync(CancellationToken cancellationToken)
    {
        if (File.Exists(TokenPath) && await verifier.VerifyAsync((await File.ReadAllTextAsync(TokenPath, cancellationToken)).Trim(), cancellationToken) is not null)
        {
            PrivateFiles.Close(TokenPath);
            return;
        }

        var (record, secret) = TokenMaker.Make(
            new() { User = identity.Owner.User, Role = Role.Administrator }, clock.GetUtcNow());
        if (!await tokens.CreateAsync(record, cancellationToken))
        {
            throw new UnreachableException("A random token id was taken.");
        }

        await WritePrivateAsync(TokenPath, [.. System.Text.Encoding.ASCII.GetBytes(secret), (byte)'\n'], cancellationToken);
    }

    /// <summary>Whole or not at all, and readable for its owner alone from its first byte on.</summary>
    private static async Task WritePrivateAsync(string path, byte[] content, CancellationToken cancellationToken)
    {
        var partial = path + "." + Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(4));
        await using (var file = PrivateFiles.Open(partial, FileMode.CreateNew))
        {
            await file.WriteAsync(content, cancellationToken);
        }

        File.Move(partial, path, overwrite: true);
    }
}
