using System.Text;
using Orleans.Runtime;
using Orleans.Storage;

namespace LocalEngine.Tests.AdoNet;

/// <summary>Rows are found by the real engine only if keys and hashes are its own.</summary>
public sealed class AdoNetGrainKeyTests
{
    [Fact]
    public void A_string_key_is_the_extension_and_is_hashed_backwards()
    {
        var key = AdoNetGrainKey.Of(GrainId.Create("simulation", "s-climate"));

        (key.N0, key.N1, key.Extension).ShouldBe((0, 0, "s-climate"));
        Encoding.UTF8.GetString(key.HashBytes()).ShouldBe("etamilc-s");
    }

    [Fact]
    public void A_number_with_an_extension_fills_both()
    {
        var key = AdoNetGrainKey.Of(GrainId.Create(GrainType.Create("counter"), GrainIdKeyExtensions.CreateIntegerKey(258, "left")));

        (key.N0, key.N1, key.Extension).ShouldBe((0, 258, "left"));
        key.HashBytes().ShouldBe([(byte)'t', (byte)'f', (byte)'e', (byte)'l', 0, 0, 0, 0, 0, 0, 1, 2]);
    }

    [Fact]
    public void A_guid_fills_both_numbers()
    {
        var guid = new Guid("00112233-4455-6677-8899-aabbccddeeff");

        var key = AdoNetGrainKey.Of(GrainId.Create(GrainType.Create("counter"), GrainIdKeyExtensions.CreateGuidKey(guid)));

        key.N0.ShouldBe(BitConverter.ToInt64(guid.ToByteArray(), 0));
        key.N1.ShouldBe(BitConverter.ToInt64(guid.ToByteArray(), 8));
        key.Extension.ShouldBeNull();
        key.HashBytes().ShouldBe([.. guid.ToByteArray().Reverse()]);
    }

    [Fact]
    public void The_hash_is_XxHash32()
    {
        var hasher = new OrleansDefaultHasher();

        hasher.Hash([]).ShouldBe(unchecked((int)0x02CC5D05));
        hasher.Hash("abc"u8.ToArray()).ShouldBe(unchecked((int)0x32D153FF));
    }
}
