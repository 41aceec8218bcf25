using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Orchestrator.Storage;
using Orleans.Runtime;

namespace Orchestrator.Silo;

/// <summary>A silo did not start. The message is for people: what is wrong, with which file or key, and what to do; a line for each mistake of the configuration.</summary>
public sealed class SiloStartException : Exception
{
    public SiloStartException()
    {
    }

    public SiloStartException(string message) : base(message)
    {
    }

    public SiloStartException(string message, Exception? inner) : base(message, inner)
    {
    }

    public SiloStartException(SiloStartFailure failure, string message, Exception? inner = null) : base(message, inner) => Failure = failure;

    public SiloStartFailure Failure { get; } = SiloStartFailure.Unexpected;

    /// <summary>What the command ends with.</summary>
    public int ExitCode => (int)Failure;

    internal static SiloStartException From(Exception error, SiloConfiguration configuration)
    {
        for (var cause = error; cause is not null; cause = cause.InnerException)
        {
            switch (cause)
            {
                case SiloStartException known:
                    return known;
                case DataDirectoryInUseException:
                    return new(SiloStartFailure.DataDirectoryInUse, cause.Message, error);
                case DatabaseDamagedException:
                    return new(SiloStartFailure.DatabaseDamaged, cause.Message, error);
                case DatabaseVersionException:
                    return new(SiloStartFailure.DatabaseVersion, cause.Message, error);
                case StorageUnavailableException { InnerException: UnauthorizedAccessException }:
                    return new(SiloStartFailure.DirectoryNotWritable, cause.Message, error);
                case StorageUnavailableException:
                    return new(SiloStartFailure.StorageUnavailable, cause.Message, error);
                case AddressInUseException:
                    return Address(configuration, "another program listens there", error);
                case SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse }:
                    return Address(configuration, "another program listens there", error);
                case SocketException { SocketErrorCode: SocketError.AccessDenied }:
                    return Address(configuration, "the system does not allow it; ports below 1024 are reserved", error);
                case SocketException { SocketErrorCode: SocketError.AddressNotAvailable }:
                    return Address(configuration, "this machine does not have the address", error);
                case OrleansConfigurationException or Microsoft.Extensions.Options.OptionsValidationException:
                    return new(SiloStartFailure.Configuration, cause.Message, error);
                case UnauthorizedAccessException:
                    return new(SiloStartFailure.DirectoryNotWritable, cause.Message, error);
                default:
                    break;
            }
        }

        return new(SiloStartFailure.Unexpected, $"The silo did not start: {error.Message}", error);
    }

    private static SiloStartException Address(SiloConfiguration configuration, string reason, Exception error) => new(
        SiloStartFailure.AddressNotAvailable,
        $"The gateway cannot listen on {configuration.Gateway.Address} port {configuration.Gateway.Port}: {reason}. Choose another port with --port, or 0 for any that is free.",
        error);
}
