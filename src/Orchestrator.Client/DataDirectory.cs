using System.Text.Json;
using Orchestrator.Abstractions;
using Orchestrator.Abstractions.Gateway;

namespace Orchestrator.Client;

/// <summary>Where the data directory of a deployment is, and what it says of the gateway that runs on it.</summary>
public static class DataDirectory
{
    /// <summary>The environment variable that names it.</summary>
    public const string Variable = "ORCHESTRATOR_DATA";

    /// <summary>The name that is looked for from the working directory upwards.</summary>
    public const string DefaultName = ".orchestrator";

    /// <summary>
    /// The absolute path: what was given, else <see cref="Variable"/>, else the nearest <see cref="DefaultName"/> in the working directory or above it, else the one that
    /// would be made in the working directory. Nothing is created.
    /// </summary>
    public static string Find(string? given = null, string? workingDirectory = null)
    {
        var from = Path.GetFullPath(workingDirectory ?? Directory.GetCurrentDirectory());
        if (!string.IsNullOrEmpty(given))
        {
            return Path.GetFullPath(given, from);
        }

        if (Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } named)
        {
            return Path.GetFullPath(named, from);
        }

        for (var folder = from; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, DefaultName);
            if (Directory.Exists(candidate))
            {
                return candidate;
            }
        }

        return Path.Combine(from, DefaultName);
    }

    /// <summary>What the gateway wrote of itself; null when none runs there, or none that ended in order.</summary>
    /// <exception cref="OrchestratorClientException">The file is there and cannot be read.</exception>
    public static EndpointFile? ReadEndpoint(string dataDirectory)
    {
        var path = Path.Combine(dataDirectory, EndpointFile.FileName);
        try
        {
            return JsonSerializer.Deserialize<EndpointFile>(File.ReadAllBytes(path), WireJson.Options);
        }
        catch (Exception fault) when (fault is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new OrchestratorClientException($"{path} cannot be read: {fault.Message}", fault);
        }
    }

    /// <summary>The token of the local user; null when there is none or it belongs to somebody else.</summary>
    public static string? ReadToken(string dataDirectory) => ReadTokenFile(Path.Combine(dataDirectory, EndpointFile.TokenFileName));

    /// <summary>The first line of a token file; null when it is not there, empty or unreadable.</summary>
    public static string? ReadTokenFile(string path)
    {
        try
        {
            return File.ReadLines(path).FirstOrDefault()?.Trim() is { Length: > 0 } token ? token : null;
        }
        catch (Exception fault) when (fault is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
