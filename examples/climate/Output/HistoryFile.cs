using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using Climate.Model;

namespace Climate.Output;

/// <summary>
/// The history of a run as NetCDF (64-bit offset), one record per <see cref="RunIdentity.HistoryEvery"/> steps. The count in the header is
/// raised after a record's data is written, so a killed run leaves whole records; <see cref="Resume"/> rolls back to those of the restart.
/// </summary>
internal sealed class HistoryFile : IDisposable
{
    public const string Name = "history.nc";

    private readonly FileStream stream;
    private readonly Grid grid;
    private readonly RunIdentity identity;
    private readonly NetCdfSchema schema;
    private readonly byte[] record;
    private readonly IncrementalHash hash;

    private HistoryFile(FileStream stream, Grid grid, RunIdentity identity, NetCdfSchema schema, int records, IncrementalHash hash)
    {
        this.stream = stream;
        this.grid = grid;
        this.identity = identity;
        this.schema = schema;
        this.hash = hash;
        Records = records;
        record = new byte[schema.RecordSize];
    }

    public int Records { get; private set; }

    /// <summary>SHA-256 of everything before the end of the last record, with the record count taken as 0.</summary>
    public byte[] Digest() => hash.GetCurrentHash();

    public static HistoryFile Create(string path, Grid grid, RunIdentity identity)
    {
        var (head, schema) = Head(grid, identity);
        var stream = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        stream.Write(head);
        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(head);
        return new HistoryFile(stream, grid, identity, schema, 0, hash);
    }

    /// <summary>
    /// Opens the history of a run that goes on from a restart: the file at the path if it starts with the restart's records, else the copy
    /// that lies in the checkpoint. What follows those records is cut off.
    /// </summary>
    /// <exception cref="InvalidDataException">Neither holds the records that the restart was written with.</exception>
    public static HistoryFile Resume(string path, string copy, Grid grid, RunIdentity identity, int records, byte[] digest)
    {
        var (head, schema) = Head(grid, identity);
        var length = head.Length + records * schema.RecordSize;
        var hash = Hash(path, length, digest);
        if (hash is null)
        {
            hash = Hash(copy, length, digest)
                ?? throw new InvalidDataException($"neither {path} nor {copy} holds the {records} records of the restart");
            File.Copy(copy, path, overwrite: true);
        }

        var stream = new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.Read, bufferSize: 0);
        stream.SetLength(length);
        var history = new HistoryFile(stream, grid, identity, schema, records, hash);
        history.WriteCount();
        return history;
    }

    /// <summary>Whether the file starts with the records that a restart of the step was written with.</summary>
    public static bool Holds(string path, RunIdentity identity, long step, byte[] digest)
    {
        var (head, schema) = Head(new Grid(identity.Columns, identity.Rows), identity);
        using var hash = Hash(path, head.Length + identity.RecordsAt(step) * schema.RecordSize, digest);
        return hash is not null;
    }

    /// <summary>Appends the present state as a record.</summary>
    public void Append(CoupledModel model)
    {
        var state = model.State;
        var (_, air, slab) = model.Means;
        double[] scalars = [state.Step * (Physics.SlabTimeStep / 86400), state.Step, model.CarbonMultiple, air, slab];
        var offset = 0;
        for (var s = 0; s < scalars.Length; s++)
        {
            if (s == 1)
            {
                BinaryPrimitives.WriteInt32BigEndian(record.AsSpan(offset), checked((int)state.Step));
                offset += 4;
                continue;
            }

            BinaryPrimitives.WriteDoubleBigEndian(record.AsSpan(offset), scalars[s]);
            offset += 8;
        }

        offset = Field(offset, c => state.Air[c]);
        offset = Field(offset, c => state.Slab[c]);
        offset = Field(offset, c => state.Depth[c]);
        offset = Field(offset, c => 0.5 * (state.Zonal[c] + state.Zonal[c % grid.Columns == 0 ? c + grid.Columns - 1 : c - 1]));
        offset = Field(offset, c => 0.5 * (state.Meridional[c] + state.Meridional[c + grid.Columns]));
        if (offset != record.Length)
        {
            throw new InvalidOperationException($"a record of {identity.Columns}x{identity.Rows} cells has {record.Length} bytes, not {offset}");
        }

        stream.Position = schema.RecordsBegin + Records * schema.RecordSize;
        stream.Write(record);
        hash.AppendData(record);
        Records++;
        WriteCount();
    }

    /// <summary>Copies what is written so far, to be kept with a checkpoint, and makes the copy durable.</summary>
    public void CopyTo(string path)
    {
        using var copy = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None);
        stream.Position = 0;
        stream.CopyTo(copy);
        copy.Flush(flushToDisk: true);
    }

    public void Flush() => stream.Flush(flushToDisk: true);

    public void Dispose()
    {
        stream.Dispose();
        hash.Dispose();
    }

    private static IncrementalHash? Hash(string path, long length, byte[] digest)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        if (stream.Length < length)
        {
            return null;
        }

        var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        for (long at = 0; at < length;)
        {
            var read = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, length - at));
            if (read == 0)
            {
                break;
            }

            for (var i = NetCdfHeader.RecordCountOffset; at == 0 && i < NetCdfHeader.RecordCountOffset + 4; i++)
            {
                buffer[i] = 0;
            }

            hash.AppendData(buffer, 0, read);
            at += read;
        }

        if (hash.GetCurrentHash().AsSpan().SequenceEqual(digest))
        {
            return hash;
        }

        hash.Dispose();
        return null;
    }

    private int Field(int offset, Func<int, double> value)
    {
        for (var c = 0; c < grid.Cells; c++, offset += 4)
        {
            BinaryPrimitives.WriteSingleBigEndian(record.AsSpan(offset), (float)value(c));
        }

        return offset;
    }

    private void WriteCount()
    {
        Span<byte> count = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(count, Records);
        stream.Position = NetCdfHeader.RecordCountOffset;
        stream.Write(count);
    }

    /// <summary>Everything before the first record: header, latitudes and longitudes. The same bytes for the same identity.</summary>
    private static (byte[] Head, NetCdfSchema Schema) Head(Grid grid, RunIdentity identity)
    {
        const int Time = 0, Lat = 1, Lon = 2;
        NetCdfVariable Axis(string name, int dimension, string units, string longName, NetCdfType type = NetCdfType.Double) =>
            new(name, type, [dimension], [NetCdfAttribute.Of("units", units), NetCdfAttribute.Of("long_name", longName)]);
        NetCdfVariable Plane(string name, string units, string longName) =>
            new(name, NetCdfType.Float, [Time, Lat, Lon], [NetCdfAttribute.Of("units", units), NetCdfAttribute.Of("long_name", longName)]);

        var time = Axis("time", Time, "days since 2000-01-01 00:00:00", "ocean time; the atmosphere is sampled once a day");
        var schema = new NetCdfSchema(
            [new NetCdfDimension("time", 0), new NetCdfDimension("lat", grid.Rows), new NetCdfDimension("lon", grid.Columns)],
            [
                NetCdfAttribute.Of("title", "Shallow-water atmosphere over a slab ocean"),
                NetCdfAttribute.Of("source", "climate, an example of Orchestrator"),
                NetCdfAttribute.Of("Conventions", "CF-1.8"),
                NetCdfAttribute.Of("seed", identity.Seed.ToString(CultureInfo.InvariantCulture)),
                NetCdfAttribute.Of("member", identity.Member),
                NetCdfAttribute.Of("forcing", identity.Forcing),
                NetCdfAttribute.Of("ramp_years", identity.RampYears),
                NetCdfAttribute.Of("initial_sha256", identity.Initial.Length == 0 ? "none" : identity.Initial),
                NetCdfAttribute.Of("atmosphere_time_step_seconds", grid.TimeStep),
                NetCdfAttribute.Of("history_every_steps", identity.HistoryEvery),
            ],
            [
                time with { Attributes = [.. time.Attributes, NetCdfAttribute.Of("calendar", "noleap")] },
                Axis("step", Time, "1", "model step", NetCdfType.Int),
                Axis("co2", Time, "1", "CO2 as a multiple of the reference"),
                Axis("tas_mean", Time, "K", "area mean of tas"),
                Axis("sst_mean", Time, "K", "area mean of sst"),
                Axis("lat", Lat, "degrees_north", "latitude"),
                Axis("lon", Lon, "degrees_east", "longitude"),
                Plane("tas", "K", "near-surface air temperature"),
                Plane("sst", "K", "slab ocean temperature"),
                Plane("h", "m", "depth of the fluid"),
                Plane("u", "m s-1", "eastward wind"),
                Plane("v", "m s-1", "northward wind"),
            ]);
        var (header, placed) = NetCdfHeader.Encode(schema);
        var head = new byte[placed.RecordsBegin];
        header.CopyTo(head, 0);
        Coordinates("lat", grid.Rows, j => grid.Latitude[j] * 180 / Math.PI);
        Coordinates("lon", grid.Columns, i => 360.0 * i / grid.Columns);
        return (head, placed);

        void Coordinates(string name, int count, Func<int, double> value)
        {
            var at = (int)placed.Variables.First(v => v.Name == name).Begin;
            for (var i = 0; i < count; i++)
            {
                BinaryPrimitives.WriteDoubleBigEndian(head.AsSpan(at + 8 * i), value(i));
            }
        }
    }
}
