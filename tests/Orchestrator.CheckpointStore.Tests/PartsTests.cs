using Orchestrator.CheckpointStore.Chunks;
using Orchestrator.CheckpointStore.Compression;
using Orchestrator.CheckpointStore.Leases;
using Orchestrator.CheckpointStore.Packs;
using Orchestrator.Core.Ids;

namespace Orchestrator.CheckpointStore.Tests;

public sealed class PartsTests
{
    [Fact]
    public void Cuts_by_content_are_in_their_bounds_and_find_themselves_again_behind_an_insertion()
    {
        var data = Scratch.Noise(7, 40 << 20);
        var cuts = Cuts(data);

        cuts.Take(cuts.Count - 1).ShouldAllBe(length => length >= ContentChunker.Least && length <= ContentChunker.Most);
        cuts.Sum().ShouldBe(data.Length);
        cuts.Average().ShouldBeInRange(0.8 * ContentChunker.Normal, 1.8 * ContentChunker.Normal);
        var shifted = Cuts([1, 2, 3, .. data]);
        shifted.TakeLast(20).ShouldBe(cuts.TakeLast(20));
        Cuts(new byte[20 << 20]).ShouldBe([ContentChunker.Most, ContentChunker.Most, 4 << 20]);
    }

    /// <summary>Another table of the gear hash, or another condition, would meet nothing that was stored before.</summary>
    [Fact]
    public void Cuts_stay_the_same_over_releases() =>
        Cuts(Scratch.Noise(1, 6 << 20)).Count.ShouldBeInRange(3, 9);

    [Theory]
    [InlineData(4, 0), InlineData(4, 3), InlineData(4, 4_000), InlineData(4, 4_003), InlineData(8, 7), InlineData(8, 64), InlineData(8, 8_191), InlineData(8, 100_000)]
    public void Shuffled_numbers_come_back(int width, int length)
    {
        var source = Scratch.Noise(length, length);
        var shuffled = new byte[length];
        var back = new byte[length];

        ByteShuffle.Apply(source, shuffled, width);
        ByteShuffle.Undo(shuffled, back, width);

        back.ShouldBe(source);
        for (var number = 0; number < length / width; number++)
        {
            shuffled[number].ShouldBe(source[number * width]);
        }
    }

    [Fact]
    public void Each_compression_gives_back_what_it_got_and_refuses_what_it_did_not_make()
    {
        foreach (var (name, version) in CompressionChoice.Detect().Where(way => way.Version is not null))
        {
            using var codec = CompressionChoice.Parse(name).Create();
            var source = new byte[100_000];
            Scratch.Noise(1, 20_000).CopyTo(source, 0);
            var target = new byte[110_000];
            var length = codec.Compress(source, target);
            var back = new byte[source.Length];

            codec.Decompress(target.AsSpan(0, length), back);

            back.ShouldBe(source, name);
            codec.Compress(source, new byte[100]).ShouldBe(0, name);
            Should.Throw<InvalidDataException>(() => codec.Decompress(target.AsSpan(0, length / 2), back), name);
            version.ShouldNotBeNull();
        }
    }

    [Fact]
    public void A_chunk_of_an_unknown_compression_is_refused_by_name()
    {
        using var decompressor = new ChunkDecompressor();

        Should.Throw<StoreException>(() => decompressor.Decompress("lzma", [1], new byte[1])).Message.ShouldContain("lzma");
        Should.Throw<StoreException>(() => decompressor.Decompress("none+3", [1], new byte[1])).Message.ShouldContain("none+3");
    }

    [Fact]
    public void A_header_with_any_flipped_bit_is_none()
    {
        var header = new byte[PackRecord.HeaderLength];
        var record = new PackRecord(ChunkHash.Of("chunk"u8), 1000, 900, "zstd+8");
        record.Write(header);

        PackRecord.Read(header).ShouldBe(record);
        for (var bit = 0; bit < header.Length * 8; bit++)
        {
            header[bit / 8] ^= (byte)(1 << (bit % 8));
            PackRecord.Read(header).ShouldBeNull();
            header[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Fact]
    public void The_table_of_chunks_finds_what_it_holds()
    {
        var table = new ChunkTable();
        for (var number = 0; number < 10_000; number++)
        {
            table.TryAdd(ChunkHash.Of(BitConverter.GetBytes(number)), new(number, 16, 1, 1)).ShouldBeTrue();
        }

        table.TryAdd(ChunkHash.Of(BitConverter.GetBytes(5)), new(7, 16, 1, 1)).ShouldBeFalse();
        table.Count.ShouldBe(10_000);
        for (var number = 0; number < 10_000; number++)
        {
            table.TryGet(ChunkHash.Of(BitConverter.GetBytes(number)), out var place).ShouldBeTrue();
            place.Pack.ShouldBe(number);
        }

        table.TryGet(ChunkHash.Of("none"u8), out _).ShouldBeFalse();
    }

    [Fact]
    public void Whether_a_process_lives_is_seen_on_its_own_machine_only()
    {
        var own = StoreIdentity.Current;
        LeaseRecord lease = new() { Host = own.Host, BootId = own.BootId, ProcessNamespace = own.ProcessNamespace, ProcessId = own.ProcessId, ProcessStart = own.ProcessStart };

        own.IsAlive(lease).ShouldBe(true);
        own.IsAlive(lease with { ProcessStart = 1 }).ShouldBe(false);
        own.IsAlive(lease with { ProcessId = int.MaxValue }).ShouldBe(false);
        own.IsAlive(lease with { BootId = "before" }).ShouldBeNull("another machine may have the same name");
        (own with { MachineId = "m" }).IsAlive(lease with { BootId = "before", MachineId = "m" }).ShouldBe(false);
        (own with { MachineId = "m" }).IsAlive(lease with { BootId = "before", MachineId = "n" }).ShouldBeNull();
        (own with { StartOf = _ => null, IsHidden = _ => true }).IsAlive(lease).ShouldBeNull();
        own.IsAlive(lease with { ProcessNamespace = "container" }).ShouldBeNull();
        own.IsAlive(lease with { Host = "elsewhere" }).ShouldBeNull();
    }

    [Fact]
    public void Names_of_stages_in_the_store_are_distinct()
    {
        string Name(string simulation, string stage) => CheckpointCopies.NameOf(new(new SimulationId(simulation), stage, 1));

        Name("s-a", "main").ShouldBe("s-a.main");
        Name("s-a", "main").ShouldNotBe(Name("s-a", "other"));
        Name("s-a", new('x', 200)).Length.ShouldBeLessThanOrEqualTo(100);
        Name("s-a", new string('x', 200) + "1").ShouldNotBe(Name("s-a", new string('x', 200) + "2"));
        Name("s-a", "a b").ShouldNotBe(Name("s-a", "a_b"));
    }

    private static List<int> Cuts(byte[] data)
    {
        var cuts = new List<int>();
        for (var at = 0; at < data.Length; at += cuts[^1])
        {
            cuts.Add(ContentChunker.Cut(data.AsSpan(at), last: true));
        }

        return cuts;
    }
}
