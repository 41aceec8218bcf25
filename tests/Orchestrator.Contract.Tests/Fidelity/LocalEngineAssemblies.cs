using System.Reflection;

namespace Orchestrator.Contract.Tests.Fidelity;

/// <summary>The assemblies of the local engine that this build is linked with; none under <c>Engine=Orleans</c>.</summary>
internal static class LocalEngineAssemblies
{
    public const string NothingToCompare = "Only on the local engine: this build is linked with Orleans itself, and what is compared here is not part of it.";

    public static IReadOnlyList<Assembly> All { get; } =
    [
        .. Directory.EnumerateFiles(AppContext.BaseDirectory, "LocalEngine.*.dll")
            .Where(static path => !Path.GetFileName(path).StartsWith("LocalEngine.Tests", StringComparison.Ordinal))
            .OrderBy(static path => path, StringComparer.Ordinal)
            .Select(Assembly.LoadFrom),
    ];

    /// <summary>Every type that a user of the engine can name.</summary>
    public static IReadOnlyList<Type> PublicTypes { get; } =
    [
        .. All.SelectMany(static assembly => assembly.GetExportedTypes())
            .OrderBy(static type => type.FullName, StringComparer.Ordinal),
    ];
}
