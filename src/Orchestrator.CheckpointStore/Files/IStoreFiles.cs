namespace Orchestrator.CheckpointStore.Files;

/// <summary>
/// Where the files of a store are: a directory now, an object store later. Names are relative, with '/' between folder and file, one folder deep. What is created, renamed or
/// deleted outlives a crash of the machine once its folder was synced; bytes once their writer was. This is the only way in which a store touches its files, so that a test
/// can stand in and crash at every single operation.
/// </summary>
public interface IStoreFiles
{
    /// <summary>For messages: the path.</summary>
    string Description { get; }

    /// <summary>Bytes that can still be written; <see cref="long.MaxValue"/> when unknown.</summary>
    long FreeBytes { get; }

    /// <summary>
    /// Whether other machines may use the files at once and be shown what changed up to a minute late, as network file systems do: then nobody who was not seen may be taken for not
    /// being there.
    /// </summary>
    bool ShowsLate { get; }

    /// <summary>Makes the folder, durably, where it is missing.</summary>
    void EnsureFolder(string folder);

    /// <summary>The files of a folder, in no order; none when the folder is missing. "" is the top.</summary>
    IReadOnlyList<StoredFile> List(string folder);

    /// <summary>Creates a file that must not exist yet.</summary>
    /// <exception cref="IOException">It exists already (<see cref="Exists"/> tells), or cannot be made.</exception>
    IStoreFileWriter Create(string name);

    /// <exception cref="FileNotFoundException">There is none.</exception>
    IStoreFileReader Open(string name);

    bool Exists(string name);

    /// <summary>Atomically gives a file another name in the same folder; what had it is replaced.</summary>
    void Rename(string name, string target);

    /// <summary>Removes a file; one that is missing is fine.</summary>
    void Delete(string name);

    /// <summary>Makes what was created, renamed and deleted in a folder durable.</summary>
    void SyncFolder(string folder);

    /// <summary>Makes the bytes of a file durable that another process may have written.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    void Sync(string name);

    /// <summary>Sets the time of last change of a file to now, by the clock of the file system; false when there is none.</summary>
    bool Touch(string name);
}
