namespace Orchestrator.CheckpointStore;

/// <summary>How the files of a store are called.</summary>
internal static class StoreNames
{
    public const string Description = "store.json";
    public const string Packs = "packs";
    public const string Index = "index";
    public const string Checkpoints = "checkpoints";
    public const string Leases = "leases";

    public const string PackSuffix = ".pack";
    public const string IndexSuffix = ".index";
    public const string DamagedSuffix = ".damaged";
    public const string CondemnedSuffix = ".condemned";
    public const string ManifestSuffix = ".checkpoint";
    public const string PinnedSuffix = ".pinned";
    public const string ProvenSuffix = ".proven";
    public const string LeaseSuffix = ".lease";
    public const string DeadSuffix = ".dead";

    /// <summary>Given up when a disk is so full that collection cannot write what it has to write before it deletes anything.</summary>
    public const string Reserve = "reserve";

    public const string TemporaryInfix = ".new-";

    public static string Pack(string pack) => $"{Packs}/{pack}{PackSuffix}";

    public static string Manifest(string id) => $"{Checkpoints}/{id}{ManifestSuffix}";
}
