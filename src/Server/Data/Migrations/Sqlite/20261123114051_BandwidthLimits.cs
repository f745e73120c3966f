using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Halley.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class BandwidthLimits : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "BandwidthLimits",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    CreatedAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Network = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Direction = table.Column<int>(type: "INTEGER", nullable: false),
                    BytesPerSecond = table.Column<long>(type: "INTEGER", nullable: false),
                    TimeZone = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    FromMinute = table.Column<int>(type: "INTEGER", nullable: false),
                    ToMinute = table.Column<int>(type: "INTEGER", nullable: false),
                    Days = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BandwidthLimits", x => x.Id);
                });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BandwidthLimits");
        }
    }
}
