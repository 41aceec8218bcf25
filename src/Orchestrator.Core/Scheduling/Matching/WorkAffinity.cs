using System.Collections.Frozen;

namespace Orchestrator.Core.Scheduling.Matching;

/// <summary>What a kind of work likes: a class of nodes, and features that nodes for it have.</summary>
/// <param name="Class">Absent: any.</param>
/// <param name="Features">The kind of work itself is always among them; '-' and '_' are the same, as are upper and lower case.</param>
public sealed record WorkAffinity(NodeClass Class, params string[] Features)
{
    private static readonly FrozenDictionary<string, WorkAffinity> Known = new Dictionary<string, WorkAffinity>
    {
        ["animation"] = new(NodeClass.Gpu, "animation", "rendering", "gpu"),
        ["vfx"] = new(NodeClass.Gpu, "vfx", "rendering", "gpu"),
        ["lighting"] = new(NodeClass.Gpu, "lighting", "rendering", "gpu"),
        ["texture-baking"] = new(NodeClass.Gpu, "texture-baking", "texturing", "gpu"),
        ["simulation"] = new(NodeClass.Cpu, "simulation", "physics", "cpu"),
        ["cloth-sim"] = new(NodeClass.Cpu, "cloth-sim", "simulation", "physics", "cpu"),
        ["fluid-sim"] = new(NodeClass.Cpu, "fluid-sim", "simulation", "physics", "cpu"),
        ["compositing"] = new(NodeClass.Cpu, "compositing", "cpu"),
        ["character-rigging"] = new(NodeClass.Cpu, "character-rigging", "rigging", "cpu"),
        ["motion-capture"] = new(NodeClass.Cpu, "motion-capture", "cpu"),
        ["scene-assembly"] = new(NodeClass.Memory, "scene-assembly", "memory"),
    }.ToFrozenDictionary();

    /// <summary>Of the kind of work that the last part of the name says ("film/vfx"); of an unknown one it is any node, and features of that name.</summary>
    public static WorkAffinity Of(string jobType)
    {
        ArgumentNullException.ThrowIfNull(jobType);
        var word = Plain(jobType[(jobType.LastIndexOf('/') + 1)..]);
        return word.Length == 0 ? new(NodeClass.Absent)
            : Known.TryGetValue(word, out var known) ? known
            : new(NodeClass.Absent, word);
    }

    /// <summary>It is one of the features liked.</summary>
    public bool Likes(string feature)
    {
        ArgumentNullException.ThrowIfNull(feature);
        foreach (var liked in Features)
        {
            if (Same(liked, feature))
            {
                return true;
            }
        }

        return false;
    }

    private static string Plain(string word) => word.ToLowerInvariant().Replace('_', '-');

    private static bool Same(string liked, string feature)
    {
        if (liked.Length != feature.Length)
        {
            return false;
        }

        for (var at = 0; at < liked.Length; at++)
        {
            var letter = feature[at] == '_' ? '-' : char.ToLowerInvariant(feature[at]);
            if (letter != liked[at])
            {
                return false;
            }
        }

        return true;
    }
}
