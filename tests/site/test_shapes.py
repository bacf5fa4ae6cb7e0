"""Meshes and clouds, from files that trimesh wrote, and from files that are damaged or too large."""

import io
import json
import struct
from typing import Any

import numpy as np
import pytest
import trimesh

from runhooks.errors import RecordError
from runhooks.site.shapes import MOST_POINTS, MOST_TRIANGLES, shape_of

RED, BLUE = [255, 0, 0, 255], [0, 0, 255, 255]


def scene() -> Any:
    """Return a red box that was moved and turned, and a blue ball; in glTF y points up."""
    box, ball = trimesh.creation.box((1, 2, 3)), trimesh.creation.icosphere(subdivisions=2, radius=0.5)
    box.visual.vertex_colors, ball.visual.vertex_colors = RED, BLUE
    moved = trimesh.transformations.rotation_matrix(0.7, [1, 2, 3]) @ np.diag([2, 2, 2, 1])
    moved[:3, 3] = [4, 5, 6]
    made = trimesh.Scene()
    made.add_geometry(box, transform=moved)
    made.add_geometry(ball)
    return made


def areas(points: Any, triangles: Any) -> Any:
    a, b, c = (points[triangles[:, i]] for i in range(3))
    return np.sort(np.linalg.norm(np.cross(b - a, c - a), axis=1))


def test_a_glb_scene_is_drawn_as_it_is_placed_with_its_colours() -> None:
    made = scene()
    shape = shape_of(made.export(file_type="glb"), "x.glb")
    whole = made.to_mesh()
    (low_x, low_y, low_z), (high_x, high_y, high_z) = made.bounds
    assert np.allclose(shape.points.min(axis=0), [low_x, -high_z, low_y], atol=1e-5)
    assert np.allclose(shape.points.max(axis=0), [high_x, -low_z, high_y], atol=1e-5)
    assert len(shape.triangles) == len(whole.faces) == 12 + 320
    assert np.allclose(areas(shape.points, shape.triangles), areas(whole.vertices, whole.faces), atol=1e-4)
    assert shape.colours is not None
    assert {tuple(colour) for colour in shape.colours.tolist()} == {(255, 0, 0), (0, 0, 255)}
    assert shape.note == ""


def test_a_material_gives_its_colour_and_its_texture_is_said_to_be_left_out() -> None:
    box = trimesh.creation.box()
    material = trimesh.visual.material.PBRMaterial(baseColorFactor=[0, 255, 0, 255])
    box.visual = trimesh.visual.TextureVisuals(uv=np.zeros((8, 2)), material=material)
    plain = shape_of(box.export(file_type="glb"), "x.glb")
    assert plain.colours is not None
    assert set(map(tuple, plain.colours.tolist())) == {(0, 255, 0)}
    assert plain.note == ""
    picture = pytest.importorskip("PIL.Image").new("RGB", (2, 2))
    box.visual.material.baseColorTexture = picture
    assert shape_of(box.export(file_type="glb"), "x.glb").note == "textures are not drawn"


def test_a_ply_mesh_has_its_faces_and_a_ply_cloud_has_none() -> None:
    ball = trimesh.creation.icosphere(subdivisions=1)
    shape = shape_of(ball.export(file_type="ply"), "x.ply")
    assert np.allclose(areas(shape.points, shape.triangles), areas(ball.vertices, ball.faces), atol=1e-5)
    cloud = trimesh.PointCloud(ball.vertices).export(file_type="ply")
    assert len(shape_of(cloud, "x.ply").triangles) == 0


def test_a_mesh_of_too_many_triangles_is_drawn_as_points_and_says_so() -> None:
    grid = np.stack(np.meshgrid(np.arange(300.0), np.arange(300.0)), -1).reshape(-1, 2)
    corner = np.arange(299 * 300).reshape(299, 300)[:, :-1].ravel()
    faces = np.concatenate(
        [
            np.stack([corner, corner + 1, corner + 300], 1),
            np.stack([corner + 1, corner + 301, corner + 300], 1),
        ]
    )
    mesh = trimesh.Trimesh(np.c_[grid, np.zeros(len(grid))], faces, process=False)
    shape = shape_of(mesh.export(file_type="ply"), "x.ply")
    assert len(faces) > MOST_TRIANGLES
    assert len(shape.triangles) == 0
    assert MOST_POINTS / 2 < len(shape.points) <= MOST_POINTS
    assert shape.note == f"{len(faces):,} triangles are too many for a page: their corners are drawn"


@pytest.mark.parametrize(("mode", "triangles"), [(0, 0), (1, 0), (4, 1), (5, 3), (6, 3)])
def test_each_mode_of_a_primitive_has_its_triangles(mode: int, triangles: int) -> None:
    shape = shape_of(glb(mode=mode), "x.glb")
    assert (len(shape.triangles), shape.colours) == (triangles, None)


def glb(count: int = 5, mode: int = 4, **changes: Any) -> bytes:
    """Return a GLB file of points without a scene."""
    body = np.random.default_rng(0).random((count, 3), dtype=np.float32).tobytes()
    model = {
        "asset": {"version": "2.0"},
        "buffers": [{"byteLength": len(body)}],
        "bufferViews": [{"buffer": 0, "byteLength": len(body)}],
        "accessors": [{"bufferView": 0, "componentType": 5126, "type": "VEC3", "count": count}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "mode": mode}]}],
        **changes,
    }
    head = json.dumps(model).encode()
    head += b" " * (-len(head) % 4)
    whole = io.BytesIO()
    whole.write(struct.pack("<4sII", b"glTF", 2, 28 + len(head) + len(body)))
    whole.write(struct.pack("<II", len(head), 0x4E4F534A) + head)
    whole.write(struct.pack("<II", len(body), 0x004E4942) + body)
    return whole.getvalue()


ACCESSOR = {"bufferView": 0, "componentType": 5126, "type": "VEC3"}
DAMAGED = {
    "compressed": ({"extensionsRequired": ["KHR_draco_mesh_compression"]}, "KHR_draco_mesh_compression"),
    "cut": ({"accessors": [{**ACCESSOR, "count": 10**12}]}, "it is cut off"),
    "negative": ({"accessors": [{**ACCESSOR, "count": -1}]}, "it is cut off"),
    "elsewhere": ({"buffers": [{"uri": "../../etc/passwd", "byteLength": 60}]}, "in another file"),
    "a ring": (
        {"scenes": [{"nodes": [0]}], "nodes": [{"children": [1]}, {"children": [0]}]},
        "its nodes are no tree",
    ),
    "nothing shown": ({"scenes": [{"nodes": []}]}, "its scene shows no mesh"),
    "no list": ({"meshes": 5}, "no points that can be read"),
    "a corner that is not there": (
        {
            "bufferViews": [{"buffer": 0}, {"buffer": 0, "byteOffset": 0}],
            "accessors": [
                {**ACCESSOR, "count": 5},
                {"bufferView": 1, "componentType": 5125, "type": "SCALAR", "count": 3},
            ],
            "meshes": [{"primitives": [{"attributes": {"POSITION": 0}, "indices": 1}]}],
        },
        "a corner that is not there",
    ),
}


@pytest.mark.parametrize("what", DAMAGED)
def test_a_glb_file_that_cannot_be_read_says_why(what: str) -> None:
    changes, why = DAMAGED[what]
    with pytest.raises(RecordError, match=r"x\.glb holds no points") as caught:
        shape_of(glb(**changes), "x.glb")
    assert why in str(caught.value)


def test_a_small_file_that_places_a_mesh_many_times_takes_no_memory_without_end() -> None:
    changes = {
        "scenes": [{"nodes": list(range(50))}],
        "nodes": [{"mesh": 0}] * 50,
        "meshes": [{"primitives": [{"attributes": {"POSITION": 0}}] * 2000}],
    }
    with pytest.raises(RecordError, match="more than 20,000,000 corners"):
        shape_of(glb(1000, **changes), "x.glb")
