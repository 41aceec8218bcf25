using System.Text.Json.Serialization;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Manifests;
using Orchestrator.CheckpointStore.Packs;

namespace Orchestrator.CheckpointStore;

/// <summary>How the records of a store are written. Members are only ever added; numbers of enumerations as names.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault, UseStringEnumConverter = true)]
[JsonSerializable(typeof(StoredCheckpoint))]
[JsonSerializable(typeof(StoredEntry))]
[JsonSerializable(typeof(ManifestEnd))]
[JsonSerializable(typeof(LeaseRecord))]
[JsonSerializable(typeof(Condemnation))]
[JsonSerializable(typeof(IReadOnlyList<DamageNote>))]
[JsonSerializable(typeof(StoreDescription))]
[JsonSerializable(typeof(StoreSettings))]
internal sealed partial class StoreJson : JsonSerializerContext;
