using System.Runtime.InteropServices;
using System.Text;

namespace Orchestrator.Pilot.Processes;

/// <summary>Memory outside the managed heap for the texts of one call at a time: addresses in it stay until it is cleared.</summary>
internal sealed unsafe class NativeBlock : IDisposable
{
    private readonly List<nint> pages = [];
    private readonly int pageSize;
    private byte* page;
    private int pageCapacity, used;

    public NativeBlock(int pageSize = 64 * 1024)
    {
        this.pageSize = pageSize;
        AddPage(pageSize);
    }

    public void Clear()
    {
        for (var extra = 1; extra < pages.Count; extra++)
        {
            NativeMemory.Free((void*)pages[extra]);
        }

        pages.RemoveRange(1, pages.Count - 1);
        page = (byte*)pages[0];
        pageCapacity = pageSize;
        used = 0;
    }

    /// <summary>The text as UTF-8 with a zero at its end.</summary>
    public byte* Text(string text)
    {
        var most = Encoding.UTF8.GetMaxByteCount(text.Length) + 1;
        var at = Reserve(most);
        var length = Encoding.UTF8.GetBytes(text, new Span<byte>(at, most - 1));
        at[length] = 0;
        used -= most - (length + 1);
        return at;
    }

    /// <summary>NAME=value.</summary>
    public byte* Variable(string name, string value)
    {
        var most = Encoding.UTF8.GetMaxByteCount(name.Length + value.Length + 1) + 1;
        var at = Reserve(most);
        var length = Encoding.UTF8.GetBytes(name, new Span<byte>(at, most - 1));
        at[length++] = (byte)'=';
        length += Encoding.UTF8.GetBytes(value, new Span<byte>(at + length, most - 1 - length));
        at[length] = 0;
        used -= most - (length + 1);
        return at;
    }

    public byte** Pointers(int count)
    {
        used = (used + 7) & ~7;
        return (byte**)Reserve(count * sizeof(byte*));
    }

    public void Dispose()
    {
        foreach (var each in pages)
        {
            NativeMemory.Free((void*)each);
        }

        pages.Clear();
    }

    private byte* Reserve(int size)
    {
        if (used + size > pageCapacity)
        {
            AddPage(Math.Max(pageSize, size));
        }

        var at = page + used;
        used += size;
        return at;
    }

    private void AddPage(int size)
    {
        page = (byte*)NativeMemory.Alloc((nuint)size);
        pages.Add((nint)page);
        pageCapacity = size;
        used = 0;
    }
}
