using System.Text;
using Halley.Client.Repository;
using Halley.Storage.Memory;

namespace Halley.Client.Tests.Repository;

public class VaultConfigTests
{
    private const string Id = "575743fd62352ece49ddd8a5d85973aa765021bab84b65ca524ca23cad62ccff";

    [Fact]
    public void Each_new_vault_has_an_id_and_a_polynomial_of_its_own()
    {
        var (one, two) = (VaultConfig.Create(), VaultConfig.Create());

        Assert.NotEqual(one.Id, two.Id);
        Assert.NotEqual(one.Polynomial, two.Polynomial);
        Assert.Equal(one, VaultConfig.Parse(one.ToJson()));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(""","chunker":"rabin","chunk_size":1048576,"chunk_min_size":524288,"chunk_max_size":8388608""", false)]
    [InlineData(""","chunker":null,"is_hot":true,"compression":3,"extra_verify":{"x":[1]}""", false)]
    [InlineData(""","chunker":"fixed_size" """, true)]
    [InlineData(""","chunk_size":2097152""", true)]
    [InlineData(""","chunk_min_size":1""", true)]
    [InlineData(""","chunk_max_size":16777216""", true)]
    public void Other_programs_way_of_cutting_files_is_noticed(string members, bool isForeign) =>
        Assert.Equal(
            isForeign, Parse($$"""{"version":2,"id":"{{Id}}","chunker_polynomial":"3a5c78553602f5"{{members}}}""").HasForeignChunker);

    [Theory]
    [InlineData("""{"version":0,"id":"ID","chunker_polynomial":"3a5c78553602f5"}""", VaultFault.Unsupported)]
    [InlineData("""{"version":3,"id":"ID","chunker_polynomial":"3a5c78553602f5"}""", VaultFault.Unsupported)]
    [InlineData("""{"version":2,"chunker_polynomial":"3a5c78553602f5"}""", VaultFault.Damaged)]
    [InlineData("""{"version":2,"id":"ID"}""", VaultFault.Damaged)]
    [InlineData("""{"version":2,"id":"ID","chunker_polynomial":"3a5c78553602f4"}""", VaultFault.Damaged)]
    [InlineData("""{"version":2,"id":"ID","chunker_polynomial":"zz"}""", VaultFault.Damaged)]
    [InlineData("""{"version":"2","id":"ID","chunker_polynomial":"3a5c78553602f5"}""", VaultFault.Damaged)]
    [InlineData("[]", VaultFault.Damaged)]
    public void Config_that_cannot_be_used_is_refused(string text, VaultFault fault) =>
        Assert.Equal(fault, Assert.Throws<VaultException>(() => Parse(text.Replace("ID", Id, StringComparison.Ordinal))).Fault);

    [Fact]
    public async Task Vault_with_another_way_of_cutting_files_is_read_but_not_backed_up_to()
    {
        using var foreign = await Vault.CreateAsync(
            new MemoryBlobStore(), VaultConfig.Create() with { HasForeignChunker = true }, TestVault.Password.AsMemory(), TestVault.Cheap,
            new VaultOptions(), CancellationToken.None);
        await TestVault.BackUpAsync(foreign, ("file", [1]));

        Assert.Single(await TestVault.ReadAllAsync(foreign));
        Assert.Equal(VaultFault.Unsupported, Assert.Throws<VaultException>(() => foreign.CreateChunker()).Fault);
    }

    private static VaultConfig Parse(string text) => VaultConfig.Parse(Encoding.UTF8.GetBytes(text));
}
