namespace Orchestrator.CheckpointStore.Files;

/// <summary>The kinds of files, as Linux numbers them.</summary>
internal enum FileType
{
    Absent = 0,
    Directory = 0x4000,
    Regular = 0x8000,
    Link = 0xA000,
}
