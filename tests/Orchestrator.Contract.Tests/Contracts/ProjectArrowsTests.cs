using System.Xml.Linq;

namespace Orchestrator.Contract.Tests.Contracts;

/// <summary>Which project may see which: the table of the architecture, checked against the project files and the binaries.</summary>
public sealed class ProjectArrowsTests
{
    /// <summary>The projects that a project may name. What those bring along is seen too.</summary>
    private static readonly Dictionary<string, string[]> Arrows = new(StringComparer.Ordinal)
    {
        ["Orchestrator.Core"] = [],
        ["Orchestrator.Abstractions"] = ["Orchestrator.Core"],
        ["Orchestrator.Storage"] = ["Orchestrator.Core"],
        ["Orchestrator.CheckpointStore"] = ["Orchestrator.Core"],
        ["Orchestrator.BatchSystems"] = ["Orchestrator.Core"],
        ["Orchestrator.Definitions"] = ["Orchestrator.Core"],
        ["Orchestrator.Grains"] = ["Orchestrator.Abstractions", "Orchestrator.Storage"],
        ["Orchestrator.Client"] = ["Orchestrator.Abstractions"],
        ["Orchestrator.Agent"] = ["Orchestrator.Client", "Orchestrator.CheckpointStore", "Orchestrator.BatchSystems"],
        ["Orchestrator.Silo"] = ["Orchestrator.Grains", "Orchestrator.Storage", "Orchestrator.CheckpointStore", "Orchestrator.BatchSystems", "Orchestrator.Definitions"],
        ["Orchestrator.Pilot"] = ["Orchestrator.Core", "Orchestrator.Storage", "Orchestrator.Definitions"],
        ["Orchestrator.Cli"] = ["Orchestrator.Silo", "Orchestrator.Pilot", "Orchestrator.Agent", "Orchestrator.Client", "Orchestrator.Definitions"],
    };

    /// <summary>Packages that only these projects may name, where a project is restricted.</summary>
    private static readonly Dictionary<string, string[]> Packages = new(StringComparer.Ordinal)
    {
        ["Orchestrator.Core"] = ["MathNet.Numerics"],
        ["Orchestrator.Abstractions"] = [],
        ["Orchestrator.Definitions"] = ["YamlDotNet"],
    };

    /// <summary>How much of Orleans a project may be linked with; a project without an entry sees none of it.</summary>
    private static readonly Dictionary<string, string> Roles = new(StringComparer.Ordinal)
    {
        ["Orchestrator.Core"] = "Serialization",
        ["Orchestrator.Abstractions"] = "Contracts",
        ["Orchestrator.Storage"] = "Grains",
        ["Orchestrator.Grains"] = "Grains",
        ["Orchestrator.Client"] = "Client",
        ["Orchestrator.Silo"] = "Silo",
    };

    private static IEnumerable<(string Name, XDocument File)> Projects() =>
        Directory.EnumerateFiles(RepositoryFiles.PathOf("src"), "Orchestrator.*.csproj", SearchOption.AllDirectories)
            .Select(static path => (Path.GetFileNameWithoutExtension(path), XDocument.Load(path)));

    [Fact]
    public void Projects_name_only_what_they_may_see() => Violations.None(
        from project in Projects()
        from reference in project.File.Descendants("ProjectReference").Select(static item => Path.GetFileNameWithoutExtension(item.Attribute("Include")!.Value.Replace('\\', '/')))
        where !Arrows.TryGetValue(project.Name, out var allowed) || !allowed.Contains(reference)
        select $"{project.Name} refers to {reference}.");

    [Fact]
    public void Restricted_projects_use_no_other_packages() => Violations.None(
        from project in Projects()
        where Packages.ContainsKey(project.Name)
        from package in project.File.Descendants("PackageReference").Select(static item => item.Attribute("Include")!.Value)
        where !Packages[project.Name].Contains(package)
        select $"{project.Name} uses the package {package}.");

    [Fact]
    public void Projects_are_linked_with_no_more_of_Orleans_than_they_need() => Violations.None(
        from project in Projects()
        let role = project.File.Descendants("EngineRole").FirstOrDefault()?.Value
        where role is not null && Roles.GetValueOrDefault(project.Name) != role
        select $"{project.Name} has the engine role {role}, not {Roles.GetValueOrDefault(project.Name) ?? "none"}.");

    /// <summary>What measures coverage compiles itself into the assembly against netstandard.</summary>
    [Fact]
    public void The_core_is_compiled_against_the_platform_and_serialization_attributes_alone() => Violations.None(
        from assembly in OurAssemblies.All
        where assembly.GetName().Name == "Orchestrator.Core"
        from reference in assembly.GetReferencedAssemblies()
        let name = reference.Name!
        where !name.StartsWith("System", StringComparison.Ordinal) && name is not ("netstandard" or "MathNet.Numerics" or "LocalEngine.Serialization.Abstractions" or "Orleans.Serialization.Abstractions" or "Orleans.Serialization" or "Orleans.Core.Abstractions")
        select $"Orchestrator.Core is compiled against {name}.");

    [Fact]
    public void Every_project_has_its_place_in_the_table() => Violations.None(
        from project in Projects()
        where !Arrows.ContainsKey(project.Name)
        select $"{project.Name} is not in the table of arrows.");
}
