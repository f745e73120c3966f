using System;
using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Halley.Server.Data.Migrations.Sqlite
{
    /// <inheritdoc />
    public partial class Scrubs : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "ScrubFindings",
                columns: table => new
                {
                    Id = table.Column<Guid>(type: "TEXT", nullable: false),
                    Kind = table.Column<int>(type: "INTEGER", nullable: false),
                    State = table.Column<int>(type: "INTEGER", nullable: false),
                    VolumeId = table.Column<Guid>(type: "TEXT", nullable: false),
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Part = table.Column<int>(type: "INTEGER", nullable: false),
                    Path = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    Bytes = table.Column<long>(type: "INTEGER", nullable: true),
                    ExpectedHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    ActualHash = table.Column<string>(type: "TEXT", maxLength: 64, nullable: true),
                    Reason = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: false),
                    KeptAs = table.Column<string>(type: "TEXT", maxLength: 1000, nullable: true),
                    FoundAt = table.Column<DateTime>(type: "TEXT", nullable: false),
                    ClosedAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScrubFindings", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "ScrubTimes",
                columns: table => new
                {
                    VolumeId = table.Column<Guid>(type: "TEXT", nullable: false),
                    BucketId = table.Column<string>(type: "TEXT", maxLength: 255, nullable: false),
                    Times = table.Column<byte[]>(type: "BLOB", nullable: false),
                    OldestAt = table.Column<DateTime>(type: "TEXT", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ScrubTimes", x => new { x.VolumeId, x.BucketId });
                    table.ForeignKey(
                        name: "FK_ScrubTimes_Volumes_VolumeId",
                        column: x => x.VolumeId,
                        principalTable: "Volumes",
                        principalColumn: "Id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateIndex(
                name: "IX_ScrubFindings_State_FoundAt_Id",
                table: "ScrubFindings",
                columns: new[] { "State", "FoundAt", "Id" });

            migrationBuilder.CreateIndex(
                name: "IX_ScrubFindings_VolumeId_BucketId_Part",
                table: "ScrubFindings",
                columns: new[] { "VolumeId", "BucketId", "Part" });

            migrationBuilder.CreateIndex(
                name: "IX_ScrubTimes_BucketId",
                table: "ScrubTimes",
                column: "BucketId");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "ScrubFindings");

            migrationBuilder.DropTable(
                name: "ScrubTimes");
        }
    }
}
