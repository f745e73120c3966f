using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Halley.Server.Hosting;

/// <summary>
/// Buffers for sending and receiving on sockets. The framework's blocks have 4 KiB, so a file of 16 MiB takes four thousand receives; with
/// larger blocks it takes a few hundred. A connection holds blocks only while it transfers data. When thousands of devices connect at once,
/// most of them get blocks of the framework's size.
/// </summary>
internal sealed class BlockPool : MemoryPool<byte>
{
    private const int Large = 32 * 1024;
    private const int Small = 4 * 1024;

    /// <summary>Most large blocks in use: 8 MiB. The same number is kept for reuse.</summary>
    private const int MostLarge = 256;

    private const int MostSmall = 512;

    private readonly Kept _large = new(MostLarge);
    private readonly Kept _small = new(MostSmall);
    private int _largeInUse;

    public override int MaxBufferSize => Large;

    public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, Large);
        if (Interlocked.Increment(ref _largeInUse) <= MostLarge || minBufferSize > Small)
        {
            return _large.Take() ?? new Block(this, Large);
        }

        Interlocked.Decrement(ref _largeInUse);
        return _small.Take() ?? new Block(this, Small);
    }

    protected override void Dispose(bool disposing)
    {
        _large.Clear();
        _small.Clear();
    }

    private void Return(Block block)
    {
        if (block.Memory.Length == Small)
        {
            _small.Keep(block);
            return;
        }

        Interlocked.Decrement(ref _largeInUse);
        _large.Keep(block);
    }

    /// <summary>Unused blocks. Blocks beyond the limit are left to the garbage collector.</summary>
    private sealed class Kept(int most)
    {
        private readonly ConcurrentQueue<Block> _blocks = new();
        private int _count;

        public Block? Take()
        {
            if (!_blocks.TryDequeue(out var block))
            {
                return null;
            }

            Interlocked.Decrement(ref _count);
            return block;
        }

        public void Keep(Block block)
        {
            if (Interlocked.Increment(ref _count) <= most)
            {
                _blocks.Enqueue(block);
            }
            else
            {
                Interlocked.Decrement(ref _count);
            }
        }

        public void Clear() => _blocks.Clear();
    }

    /// <summary>A pinned block, because the socket writes into it while the garbage collector may run.</summary>
    private sealed class Block(BlockPool pool, int size) : IMemoryOwner<byte>
    {
        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(size, pinned: true);

        public void Dispose() => pool.Return(this);
    }
}

/// <summary>Gives the server's sockets a <see cref="BlockPool"/>.</summary>
internal sealed class BlockPoolFactory : IMemoryPoolFactory<byte>
{
    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new BlockPool();
}
