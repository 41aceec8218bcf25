using System.Buffers.Binary;
using System.Text;

namespace Orchestrator.Core.TaskSets;

/// <summary>
/// Names and definitions of many tasks as UTF-8 in large blocks: beside the text itself a task takes 10 bytes, and 8 to 16 more to be found by its name.
/// </summary>
public sealed class CompactTexts
{
    private const int BlockSize = 1 << 20;
    private const int HeaderSize = 6;

    private readonly List<byte[]> blocks = [];
    private readonly List<(int Block, int At)> entries = [];
    private int used = BlockSize;

    // Open addressing: number of the text plus one.
    private int[] slots = new int[16];

    public int Count => entries.Count;

    /// <summary>Adds a text under a name that is not there yet; its number is the count before.</summary>
    public int Add(ReadOnlySpan<byte> name, ReadOnlySpan<byte> text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, ushort.MaxValue);
        var size = HeaderSize + name.Length + text.Length;
        if (used + size > BlockSize)
        {
            blocks.Add(new byte[Math.Max(BlockSize, size)]);
            used = 0;
        }

        var to = blocks[^1].AsSpan(used, size);
        BinaryPrimitives.WriteUInt16LittleEndian(to, (ushort)name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(to[2..], text.Length);
        name.CopyTo(to[HeaderSize..]);
        text.CopyTo(to[(HeaderSize + name.Length)..]);
        entries.Add((blocks.Count - 1, used));
        used += size;
        var number = entries.Count - 1;
        if ((number + 1) * 2 > slots.Length)
        {
            slots = new int[slots.Length * 2];
            for (var earlier = 0; earlier < number; earlier++)
            {
                Insert(earlier);
            }
        }

        Insert(number);
        return number;
    }

    public ReadOnlySpan<byte> NameOf(int number) => Entry(number, out var nameLength, out _).Slice(HeaderSize, nameLength);

    public ReadOnlyMemory<byte> TextOf(int number)
    {
        Entry(number, out var nameLength, out var textLength);
        var (block, at) = entries[number];
        return blocks[block].AsMemory(at + HeaderSize + nameLength, textLength);
    }

    public string Name(int number) => Encoding.UTF8.GetString(NameOf(number));

    /// <returns>The number; -1 when there is no such name.</returns>
    public int Find(ReadOnlySpan<byte> name)
    {
        for (var slot = Slot(name); ; slot = (slot + 1) & (slots.Length - 1))
        {
            if (slots[slot] == 0)
            {
                return -1;
            }

            if (NameOf(slots[slot] - 1).SequenceEqual(name))
            {
                return slots[slot] - 1;
            }
        }
    }

    private ReadOnlySpan<byte> Entry(int number, out int nameLength, out int textLength)
    {
        var (block, at) = entries[number];
        var bytes = blocks[block].AsSpan(at);
        nameLength = BinaryPrimitives.ReadUInt16LittleEndian(bytes);
        textLength = BinaryPrimitives.ReadInt32LittleEndian(bytes[2..]);
        return bytes;
    }

    private void Insert(int number)
    {
        var slot = Slot(NameOf(number));
        while (slots[slot] != 0)
        {
            slot = (slot + 1) & (slots.Length - 1);
        }

        slots[slot] = number + 1;
    }

    /// <summary>FNV-1a of the name, mixed once more because only low bits are used.</summary>
    private int Slot(ReadOnlySpan<byte> name)
    {
        var hash = 14695981039346656037UL;
        foreach (var letter in name)
        {
            hash = (hash ^ letter) * 1099511628211UL;
        }

        return (int)((hash ^ (hash >> 29)) & (ulong)(slots.Length - 1));
    }
}
