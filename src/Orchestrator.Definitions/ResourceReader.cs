using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Orchestrator.Core.Workflows;

namespace Orchestrator.Definitions;

/// <summary>Reads what a stage needs of its nodes and of the site, over what is already given.</summary>
internal sealed partial class ResourceReader(ProblemList problems)
{
    private const string ShareAllowed = "a part of each GPU, above 0 to 1, in thousandths (0.25)";
    private const string CapabilityAllowed = "the least compute capability, as 8.6";

    public ResourceRequest Read(MappingReader reader, ResourceRequest given)
    {
        var read = given with
        {
            Nodes = reader.Count("nodes", 1, 20_000, given.Nodes),
            RanksPerNode = reader.Count("ranks_per_node", 1, 4096, given.RanksPerNode),
            Threads = reader.Count("threads", 1, 4096, given.Threads),
            MemoryPerNode = reader.Size("memory", given.MemoryPerNode),
            GpusPerNode = reader.Count("gpus", 0, 1024, given.GpusPerNode),
            GpuModel = reader.Text("gpu_model", "the name of a model, as the nodes report it") ?? given.GpuModel,
            GpuMemory = reader.Size("gpu_memory", given.GpuMemory),
            GpuThousandths = Share(reader, given.GpuThousandths),
            GpuComputeCapability = Capability(reader, given.GpuComputeCapability),
            StoragePerNode = reader.Size("storage", given.StoragePerNode),
            NetworkPerNode = Rate(reader, given.NetworkPerNode),
            Features = SiteName.ReadAll(reader, problems, "features", "feature", given.Features),
            Licences = Licences(reader, given.Licences),
            Within = reader.Name("within") ?? given.Within,
            Exclusive = reader.Flag("exclusive", given.Exclusive),
        };
        if (read.GpuThousandths < 1000 && read.GpusPerNode == 0 && reader.Value("gpu_share") is not null && !IsDefaults(reader))
        {
            reader.Refuse("gpu_share", "it is a part of GPUs, and the stage asks for none", "\"gpus\" of at least 1 beside it");
        }

        return read;
    }

    private static bool IsDefaults(MappingReader reader) => reader.PathOf("gpu_share").StartsWith("defaults.", StringComparison.Ordinal);

    private static int Share(MappingReader reader, int given)
    {
        if (reader.Text("gpu_share", ShareAllowed) is not { } text)
        {
            return given;
        }

        if (decimal.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var part) && part is > 0 and <= 1 && part * 1000 == Math.Truncate(part * 1000))
        {
            return (int)(part * 1000);
        }

        reader.Refuse("gpu_share", $"\"{text}\" is no part of a GPU", ShareAllowed);
        return given;
    }

    private static string? Capability(MappingReader reader, string? given)
    {
        if (reader.Text("gpu_capability", CapabilityAllowed) is not { } text)
        {
            return given;
        }

        if (CapabilityShape().IsMatch(text))
        {
            return text;
        }

        reader.Refuse("gpu_capability", $"\"{text}\" is no compute capability", CapabilityAllowed);
        return given;
    }

    private static long Rate(MappingReader reader, long given)
    {
        if (reader.Text("network", RateText.Allowed) is not { } text)
        {
            return given;
        }

        if (RateText.TryParse(text, out var rate, out var problem))
        {
            return rate;
        }

        reader.Refuse("network", problem, RateText.Allowed);
        return given;
    }

    private ImmutableSortedDictionary<string, int> Licences(MappingReader parent, ImmutableSortedDictionary<string, int> given)
    {
        if (parent.Value("licences") is not { } node)
        {
            return given;
        }

        var reader = new MappingReader(node, parent.PathOf("licences"), problems, null);
        foreach (var name in reader.Keys)
        {
            if (SiteName.IsValid(name))
            {
                given = given.SetItem(name, reader.Count(name, 1, 1_000_000, 1));
            }
            else
            {
                problems.Add(reader.Key(name), reader.PathOf(name), $"\"{name}\" is no licence", SiteName.Allowed);
            }
        }

        return given;
    }

    [GeneratedRegex(@"^[0-9]{1,2}(?:\.[0-9]{1,2})?\z")]
    private static partial Regex CapabilityShape();
}
